import { useCallback, useEffect, useRef, useState } from "react";
import { bytesOf, speak, type TextMark } from "../../api/lines";
import { peaksOf } from "../../audio/level";
import { StreamPlayer } from "../../audio/player";
import { joined, WavReader, withLengths } from "../../audio/wav";

export type SpeechOrder = Parameters<typeof speak>[0];

export interface Spoken {
  readonly text: string;
  readonly marks: readonly TextMark[];
  /** Loudness of what has arrived, for drawing. */
  readonly peaks: readonly number[];
  readonly firstSoundMs: number | null;
  readonly generationId: string | null;
  readonly file: Blob | null;
}

type Phase = "idle" | "speaking" | "done";

const PEAKS_A_SECOND = 20;

/** Speaks, sounds while it is spoken, and keeps the whole as a file. */
export function useSpeech() {
  const [phase, setPhase] = useState<Phase>("idle");
  const [spoken, setSpoken] = useState<Spoken | null>(null);
  const [position, setPosition] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const stopping = useRef<AbortController | null>(null);

  const stop = useCallback(() => stopping.current?.abort(), []);
  useEffect(() => stop, [stop]);

  const start = useCallback(
    async (order: SpeechOrder) => {
      stop();
      const control = new AbortController();
      stopping.current = control;
      setError(null);
      setPosition(0);
      setPhase("speaking");
      setSpoken({
        text: order.text,
        marks: [],
        peaks: [],
        firstSoundMs: null,
        generationId: null,
        file: null,
      });
      const player = new StreamPlayer();
      control.signal.addEventListener("abort", () => void player.close());
      const ticking = setInterval(() => setPosition(player.position), 50);
      try {
        await play(order, player, control.signal, (change) =>
          setSpoken((now) => now && { ...now, ...change(now) }),
        );
        await player.drained();
        clearInterval(ticking);
        setPosition(Number.POSITIVE_INFINITY);
        setPhase("done");
      } catch (caught) {
        setPhase("idle");
        if (!control.signal.aborted) {
          setError(caught);
        }
      } finally {
        clearInterval(ticking);
        await player.close();
      }
    },
    [stop],
  );
  return { phase, spoken, position, error, start, stop };
}

type Change = (now: Spoken) => Partial<Spoken>;

async function play(
  order: SpeechOrder,
  player: StreamPlayer,
  signal: AbortSignal,
  change: (change: Change) => void,
): Promise<void> {
  const asked = performance.now();
  const reader = new WavReader();
  const pieces: Uint8Array[] = [];
  for await (const line of speak({ ...order, format: "wav" }, signal)) {
    if (line.audio_base64) {
      const bytes = bytesOf(line.audio_base64);
      const samples = reader.feed(bytes);
      pieces.push(bytes);
      player.push(samples, reader.rate);
      const peaks = peaksOf(
        samples,
        Math.max(1, Math.round((samples.length / (reader.rate || 1)) * PEAKS_A_SECOND)),
      );
      const elapsed = performance.now() - asked;
      change((now) => ({
        marks: [...now.marks, ...(line.marks ?? [])],
        peaks: samples.length > 0 ? [...now.peaks, ...peaks] : now.peaks,
        firstSoundMs: now.firstSoundMs ?? (samples.length > 0 ? elapsed : null),
      }));
    }
    if (line.finished) {
      const { generation_id } = line.finished;
      const file = new Blob([withLengths(joined(pieces))], { type: "audio/wav" });
      change(() => ({ generationId: generation_id, file }));
    }
  }
}
