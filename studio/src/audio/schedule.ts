/** When the pieces of a stream are to sound, and where in the stream the ear is now; in seconds, without a sound card. */

interface Stretch {
  /** where it begins in the stream */
  readonly from: number;
  readonly seconds: number;
}

/** What is to sound of a piece, and from when on, on the clock of the sound card. */
export interface Cue {
  /** the number of the piece, from 0 */
  readonly piece: number;
  readonly at: number;
  /** where within the piece it begins */
  readonly offset: number;
}

/** Time that what begins anew waits, so that what follows is there when it ends. */
export const LEAD_SECONDS = 0.08;

export class Schedule {
  readonly #pieces: Stretch[] = [];
  #length = 0;
  /** Where in the stream sounding began, or was sought last, and what was put on the clock since. */
  #start = 0;
  #cued: (Stretch & { readonly at: number })[] = [];
  #upcoming = 0;
  #end = 0;

  /** A piece of `seconds` has arrived. */
  add(seconds: number): void {
    this.#pieces.push({ from: this.#length, seconds });
    this.#length += seconds;
  }

  /** Put the next piece on the clock, given the time now; a late one starts as soon as it can. Null where none is left. */
  cue(now: number): Cue | null {
    const piece = this.#pieces[this.#upcoming];
    if (!piece) {
      return null;
    }
    const at = this.#cued.length > 0 && this.#end >= now ? this.#end : now + LEAD_SECONDS;
    const offset = Math.max(0, this.#start - piece.from);
    const seconds = piece.seconds - offset;
    this.#cued.push({ from: piece.from + offset, seconds, at });
    this.#end = at + seconds;
    return { piece: this.#upcoming++, at, offset };
  }

  /** Go on from another place in the stream, of what has arrived. What is on the clock is on it no longer. */
  seek(position: number): void {
    this.#start = Math.min(Math.max(0, position), this.#length);
    this.#cued = [];
    const at = this.#pieces.findIndex(({ from, seconds }) => this.#start < from + seconds);
    this.#upcoming = at < 0 ? this.#pieces.length : at;
  }

  /** Seconds that have arrived. */
  get length(): number {
    return this.#length;
  }

  /** Seconds for which there is something on the clock, from now on. */
  ahead(now: number): number {
    return this.#cued.length > 0 ? Math.max(0, this.#end - now) : 0;
  }

  /** Has everything that arrived sounded? */
  over(now: number): boolean {
    return this.#upcoming === this.#pieces.length && this.ahead(now) === 0;
  }

  /** Where in the stream the ear is; it stands still in gaps. */
  position(now: number): number {
    let position = this.#start;
    for (const piece of this.#cued) {
      if (now < piece.at) {
        break;
      }
      position = piece.from + Math.min(now - piece.at, piece.seconds);
    }
    return position;
  }
}
