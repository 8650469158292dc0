import { memo, useMemo } from "react";
import type { TextMark } from "../../api/lines";
import { piecesOf, stateOf } from "./highlight";

interface SpokenTextProps {
  text: string;
  marks: readonly TextMark[];
  /** Where the ear is; null while nothing plays. */
  seconds: number | null;
}

/** A text whose words light up as they sound. */
export function SpokenText({ text, marks, seconds }: SpokenTextProps) {
  const pieces = useMemo(() => piecesOf(text, marks), [text, marks]);
  return (
    <p className={seconds === null ? "spoken" : "spoken sounding"} data-testid="spoken">
      {pieces.map((piece) => (
        <Word key={piece.from} text={piece.text} state={seconds === null ? "" : stateOf(piece, seconds)} />
      ))}
    </p>
  );
}

const Word = memo(({ text, state }: { text: string; state: string }) => (
  <span className={state}>{text}</span>
));
