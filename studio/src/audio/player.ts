import { Schedule } from "./schedule";

/** Plays samples as they arrive. Make it in a click: browsers let only a gesture start sound. */
export class StreamPlayer {
  readonly #context = new AudioContext();
  readonly #schedule = new Schedule();
  readonly #sources = new Set<AudioBufferSourceNode>();

  /** Append samples, -1..1 at `rate` Hz. */
  push(samples: Float32Array<ArrayBuffer>, rate: number): void {
    if (samples.length === 0 || this.#context.state === "closed") {
      return;
    }
    const buffer = this.#context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    source.start(this.#schedule.place(buffer.duration, this.#context.currentTime));
    this.#sources.add(source);
    source.onended = () => this.#sources.delete(source);
  }

  /** Stand still, or go on. */
  async toggle(): Promise<void> {
    await (this.#context.state === "suspended" ? this.#context.resume() : this.#context.suspend());
  }

  /** Does it sound, or would it if there were something to hear? */
  get playing(): boolean {
    return this.#context.state === "running";
  }

  /** Seconds of the stream that were heard. */
  get position(): number {
    return this.#schedule.position(this.#context.currentTime);
  }

  /** Waits until everything that was pushed has sounded. Throws when `signal` says to stop. */
  async drained(signal: AbortSignal): Promise<void> {
    while (this.#context.currentTime < this.#schedule.end) {
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
}
