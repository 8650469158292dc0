/** What a take says: the sentences that were shown while it was recorded, and when; pure. */

export interface ReadLine {
  readonly text: string;
  readonly start: number;
  readonly end: number | null;
}

export interface Shown {
  readonly text: string;
  /** Seconds into the take at which the sentence came up; before it, 0. */
  readonly at: number;
}

/** Sentences that stood there for less are turned past, not read. */
const SHORTEST_SECONDS = 0.8;

/** From the sentences as they were turned, in a take of so many seconds. The last one may be read to the end. */
export function linesOf(shown: readonly Shown[], seconds: number): ReadLine[] {
  return shown
    .map(({ text, at }, index) => ({ text, start: at, end: shown[index + 1]?.at ?? null }))
    .filter(({ text, start, end }) => text !== "" && (end ?? seconds) - start >= SHORTEST_SECONDS);
}
