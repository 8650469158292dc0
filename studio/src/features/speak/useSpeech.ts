import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { bytesOf, type SpeechLine, speak, type TextMark } from "../../api/lines";
import { noticedDoing } from "../../api/session";
import { peaksOf } from "../../audio/level";
import { StreamPlayer } from "../../audio/player";
import { joined, WavReader, withLengths } from "../../audio/wav";

export type SpeechOrder = Parameters<typeof speak>[0];

export interface Spoken {
  readonly text: string;
  readonly marks: readonly TextMark[];
  /** Loudness of what has arrived, for drawing. */
  readonly peaks: readonly number[];
  /** Seconds that have arrived. */
  readonly seconds: number;
  readonly firstSoundMs: number | null;
  readonly generationId: string | null;
  /** The whole, or, after a stop, what had arrived. */
  readonly file: Blob | null;
}

/** `starting` until the first sound has arrived; `done` once everything was heard or somebody stopped it. */
type Phase = "idle" | "starting" | "speaking" | "done";

interface State {
  /** Counts what was asked for. */
  readonly attempt: number;
  readonly phase: Phase;
  readonly spoken: Spoken | null;
  /** Where the ear is, in seconds. */
  readonly heard: number;
  readonly playing: boolean;
  readonly error: unknown;
}

const NOTHING: State = { attempt: 0, phase: "idle", spoken: null, heard: 0, playing: false, error: null };
const PEAKS_A_SECOND = 20;
const TICK_MS = 50;

/** Speaks, sounds while it is spoken, and keeps the whole as a file. */
export function useSpeech() {
  const [state, setState] = useState<State>(NOTHING);
  const cache = useQueryClient();
  const stopping = useRef<AbortController | null>(null);
  const player = useRef<StreamPlayer | null>(null);

  const stop = useCallback(() => stopping.current?.abort(), []);
  const toggle = useCallback(() => void player.current?.toggle(), []);
  const seek = useCallback((seconds: number) => {
    const sounding = player.current;
    if (sounding) {
      sounding.seek(seconds);
      setState((now) => (now.phase === "speaking" ? { ...now, heard: sounding.position } : now));
    }
  }, []);
  useEffect(() => stop, [stop]);

  const start = useCallback(
    async (order: SpeechOrder) => {
      stop();
      const control = new AbortController();
      stopping.current = control;
      const change = (part: Partial<State>) =>
        stopping.current === control && setState((now) => ({ ...now, ...part }));
      setState(({ attempt }) => ({
        ...NOTHING,
        attempt: attempt + 1,
        phase: "starting",
        spoken: silence(order.text),
      }));
      const sounding = new StreamPlayer();
      player.current = sounding;
      const take = new Arrivals(order.text);
      const ticking = setInterval(
        () => change({ heard: sounding.position, playing: sounding.playing }),
        TICK_MS,
      );
      try {
        for await (const line of speak({ ...order, format: "wav" }, control.signal)) {
          take.add(line, (samples, rate) => sounding.push(samples, rate));
          change({ spoken: take.spoken, ...(take.spoken.seconds > 0 && { phase: "speaking" as const }) });
        }
        await sounding.drained(control.signal);
        change({ phase: "done", spoken: take.finished() });
      } catch (error) {
        noticedDoing(cache, error);
        // Who stops keeps what had arrived; what breaks on the way says why.
        const kept = take.spoken.seconds > 0 ? take.finished() : null;
        change({ phase: "done", spoken: kept, error: control.signal.aborted ? null : error });
      } finally {
        clearInterval(ticking);
        change({ playing: false, heard: Number.POSITIVE_INFINITY });
        await sounding.close();
      }
    },
    [stop, cache],
  );
  return { ...state, start, stop, toggle, seek };
}

function silence(text: string): Spoken {
  return { text, marks: [], peaks: [], seconds: 0, firstSoundMs: null, generationId: null, file: null };
}

/** What has arrived of an utterance. */
class Arrivals {
  readonly #asked = performance.now();
  readonly #reader = new WavReader();
  readonly #pieces: Uint8Array[] = [];
  spoken: Spoken;

  constructor(text: string) {
    this.spoken = silence(text);
  }

  add(line: SpeechLine, sound: (samples: Float32Array<ArrayBuffer>, rate: number) => void): void {
    if (line.audio_base64) {
      const bytes = bytesOf(line.audio_base64);
      this.#pieces.push(bytes);
      const samples = this.#reader.feed(bytes);
      sound(samples, this.#reader.rate);
      this.#grow(samples, line.marks ?? []);
    }
    if (line.finished) {
      this.spoken = { ...this.spoken, generationId: line.finished.generation_id };
    }
  }

  #grow(samples: Float32Array, marks: readonly TextMark[]): void {
    const seconds = samples.length / (this.#reader.rate || 1);
    const now = this.spoken;
    const peaks = peaksOf(samples, Math.max(1, Math.round(seconds * PEAKS_A_SECOND)));
    this.spoken = {
      ...now,
      marks: [...now.marks, ...marks],
      peaks: samples.length > 0 ? [...now.peaks, ...peaks] : now.peaks,
      seconds: now.seconds + seconds,
      firstSoundMs: now.firstSoundMs ?? (samples.length > 0 ? performance.now() - this.#asked : null),
    };
  }

  /** With everything that arrived as one file. */
  finished(): Spoken {
    return { ...this.spoken, file: new Blob([withLengths(joined(this.#pieces))], { type: "audio/wav" }) };
  }
}
