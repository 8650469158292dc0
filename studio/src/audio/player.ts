import { Schedule } from "./schedule";

/** So much is handed to the sound card ahead of time, whatever its pieces: seeking in an hour is as quick as in a minute. */
const AHEAD_SECONDS = 10;
/** Pieces that are always handed over, however long they are: when one ends, the next must be there. */
const AHEAD_PIECES = 2;
/** Sound that begins or ends within a wave would click. */
const FADE_SECONDS = 0.005;

interface Piece {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly rate: number;
}

/** Plays samples as they arrive, and again what has arrived. Make it in a click: browsers let only a gesture start sound. */
export class StreamPlayer {
  readonly #context = new AudioContext();
  readonly #schedule = new Schedule();
  readonly #pieces: Piece[] = [];
  #sources = new Set<AudioBufferSourceNode>();
  #out = this.#opened();

  /** Append samples, -1..1 at `rate` Hz. */
  push(samples: Float32Array<ArrayBuffer>, rate: number): void {
    if (samples.length === 0 || this.#context.state === "closed") {
      return;
    }
    this.#pieces.push({ samples, rate });
    this.#schedule.add(samples.length / rate);
    this.#fill();
  }

  /** Stand still, or go on. */
  async toggle(): Promise<void> {
    await (this.#context.state === "suspended" ? this.#context.resume() : this.#context.suspend());
  }

  /** Go on from another place, in seconds, of what has arrived; its end is the farthest. */
  seek(position: number): void {
    if (this.#context.state === "closed") {
      return;
    }
    this.#hush();
    this.#schedule.seek(position);
    this.#fill();
  }

  /** Does it sound, or would it if there were something to hear? */
  get playing(): boolean {
    return this.#context.state === "running";
  }

  /** Where in the stream the ear is, in seconds. */
  get position(): number {
    return this.#schedule.position(this.#context.currentTime);
  }

  /** Waits until the last that was pushed has sounded. Throws when `signal` says to stop. */
  async drained(signal: AbortSignal): Promise<void> {
    while (!this.#schedule.over(this.#context.currentTime)) {
      signal.throwIfAborted();
      await new Promise((resume) => setTimeout(resume, 40));
    }
  }

  /** Silence, now and for good. */
  async close(): Promise<void> {
    if (this.#context.state !== "closed") {
      await this.#context.close();
    }
  }

  /** Hand over what is to sound next; each piece that ends asks for more. */
  #fill(): void {
    const now = this.#context.currentTime;
    while (this.#sources.size < AHEAD_PIECES || this.#schedule.ahead(now) < AHEAD_SECONDS) {
      const cue = this.#schedule.cue(now);
      const piece = cue && this.#pieces[cue.piece];
      if (!piece) {
        return;
      }
      this.#sound(piece, cue.at, cue.offset);
    }
  }

  #sound({ samples, rate }: Piece, at: number, offset: number): void {
    const buffer = this.#context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#out);
    if (offset > 0) {
      this.#out.gain.setValueAtTime(0, at);
      this.#out.gain.linearRampToValueAtTime(1, at + FADE_SECONDS);
    }
    source.start(at, offset);
    this.#sources.add(source);
    source.onended = () => {
      this.#sources.delete(source);
      if (this.#context.state !== "closed") {
        this.#fill();
      }
    };
  }

  /** What sounds ends at once; what is on the clock never sounds. */
  #hush(): void {
    const now = this.#context.currentTime;
    const end = this.playing ? now + FADE_SECONDS : now;
    this.#out.gain.cancelScheduledValues(now);
    this.#out.gain.setValueAtTime(1, now);
    this.#out.gain.linearRampToValueAtTime(0, end);
    for (const source of this.#sources) {
      source.onended = null;
      source.stop(end);
    }
    this.#sources = new Set();
    this.#out = this.#opened();
  }

  #opened(): GainNode {
    const out = this.#context.createGain();
    out.connect(this.#context.destination);
    return out;
  }
}
