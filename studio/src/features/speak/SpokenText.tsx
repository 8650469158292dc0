import { useMemo } from "react";
import type { TextMark } from "../../api/lines";
import { piecesOf, stateOf } from "./highlight";

interface SpokenTextProps {
  text: string;
  marks: readonly TextMark[];
  seconds: number;
}

/** A text whose words light up as they sound. */
export function SpokenText({ text, marks, seconds }: SpokenTextProps) {
  const pieces = useMemo(() => piecesOf(text, marks), [text, marks]);
  return (
    <p className="spoken" data-testid="spoken">
      {pieces.map((piece) => (
        <span key={piece.from} className={stateOf(piece, seconds)}>
          {piece.text}
        </span>
      ))}
    </p>
  );
}
