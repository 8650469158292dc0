import type { TextMark } from "../../api/lines";

export interface Piece {
  readonly from: number;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// `Intl.Segmenter` finds words in Chinese and Japanese too; the service counts characters, not UTF-16 units.
const words = new Intl.Segmenter(undefined, { granularity: "word" });

/** A text as words, each with the seconds in which it sounds; what is silent sounds with the word before it. */
export function piecesOf(text: string, marks: readonly TextMark[]): Piece[] {
  const times = timesOf(marks);
  const pieces: Piece[] = [];
  let from = 0;
  let before = 0;
  for (const { segment } of words.segment(text)) {
    const to = from + Array.from(segment).length;
    const inside = times.slice(from, to).filter((time) => time !== undefined);
    const start = inside.length > 0 ? Math.min(...inside.map((time) => time.start)) : before;
    const end = inside.length > 0 ? Math.max(...inside.map((time) => time.end)) : before;
    pieces.push({ from, text: segment, start, end });
    from = to;
    before = end;
  }
  return pieces;
}

interface Time {
  start: number;
  end: number;
}

/** When each character sounds; a mark may cover many characters, and many marks one. */
function timesOf(marks: readonly TextMark[]): (Time | undefined)[] {
  const times: (Time | undefined)[] = [];
  for (const { text_start, text_end, start, end } of marks) {
    for (let at = text_start; at < text_end; at++) {
      const time = times[at];
      times[at] = time
        ? { start: Math.min(time.start, start), end: Math.max(time.end, end) }
        : { start, end };
    }
  }
  return times;
}

/** Whether a piece was said, is being said, or is still to come, at a time. */
export function stateOf(piece: Piece, seconds: number): "said" | "now" | "" {
  if (piece.end <= seconds && piece.end > 0) {
    return "said";
  }
  return piece.start <= seconds && seconds < piece.end ? "now" : "";
}

/** How long the whole text takes, as far as the marks of its beginning tell; 0 where there are none. */
export function foreseen(text: string, marks: readonly TextMark[]): number {
  const last = marks.at(-1);
  return last ? (last.end * Array.from(text).length) / last.text_end : 0;
}
