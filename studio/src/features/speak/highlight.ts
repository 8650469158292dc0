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
  const pieces: Piece[] = [];
  let from = 0;
  let before = 0;
  for (const { segment } of words.segment(text)) {
    const to = from + Array.from(segment).length;
    const inside = marks.filter((mark) => mark.text_start < to && mark.text_end > from);
    const start = inside.length > 0 ? Math.min(...inside.map((mark) => mark.start)) : before;
    const end = inside.length > 0 ? Math.max(...inside.map((mark) => mark.end)) : before;
    pieces.push({ from, text: segment, start, end });
    from = to;
    before = end;
  }
  return pieces;
}

/** Whether a piece was said, is being said, or is still to come, at a time. */
export function stateOf(piece: Piece, seconds: number): "said" | "now" | "" {
  if (piece.end <= seconds && piece.end > 0) {
    return "said";
  }
  return piece.start <= seconds && seconds < piece.end ? "now" : "";
}
