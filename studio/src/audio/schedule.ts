/** When the pieces of a stream are to sound, and where in the stream the ear is now; in seconds, without a sound card. */

interface Placed {
  /** where the piece begins in the stream */
  readonly from: number;
  /** when it sounds, on the clock of the sound card */
  readonly at: number;
  readonly seconds: number;
}

/** Time that the first piece waits, so that the second is there when it ends. */
export const LEAD_SECONDS = 0.08;

export class Schedule {
  #placed: Placed[] = [];
  #next = 0;
  #length = 0;

  /** Says when a piece of `seconds` must start, given the time now. A late piece starts as soon as it can. */
  place(seconds: number, now: number): number {
    const at = this.#placed.length > 0 && this.#next >= now ? this.#next : now + LEAD_SECONDS;
    this.#placed.push({ from: this.#length, at, seconds });
    this.#length += seconds;
    this.#next = at + seconds;
    return at;
  }

  /** Seconds of the stream that are known. */
  get length(): number {
    return this.#length;
  }

  /** When the last piece ends. */
  get end(): number {
    return this.#next;
  }

  /** Where in the stream the ear is; it stands still in gaps. */
  position(now: number): number {
    let position = 0;
    for (const piece of this.#placed) {
      if (now < piece.at) {
        break;
      }
      position = piece.from + Math.min(now - piece.at, piece.seconds);
    }
    return position;
  }
}
