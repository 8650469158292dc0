import { memo, useEffect, useMemo, useRef } from "react";
import type { TextMark } from "../../api/lines";
import { piecesOf, stateOf } from "./highlight";

interface SpokenTextProps {
  text: string;
  marks: readonly TextMark[];
  /** Where the ear is; null while nothing plays. */
  seconds: number | null;
}

/** Characters from which on a text scrolls by itself, so that its waveform stays in sight. */
const LONG = 300;

/** A text whose words light up as they sound. */
export function SpokenText({ text, marks, seconds }: SpokenTextProps) {
  const pieces = useMemo(() => piecesOf(text, marks), [text, marks]);
  const states = pieces.map((piece) => (seconds === null ? "" : stateOf(piece, seconds)));
  const long = text.length > LONG;
  const box = useKeptInSight(states.indexOf("now"));
  return (
    <p
      dir="auto"
      ref={box}
      className={`spoken${seconds === null ? "" : " sounding"}${long ? " long" : ""}`}
      data-testid="spoken"
      // What scrolls must be reached by the keyboard.
      {...(long && { tabIndex: 0 })}
    >
      {pieces.map((piece, at) => (
        <Word key={piece.from} text={piece.text} state={states[at] ?? ""} />
      ))}
    </p>
  );
}

const Word = memo(({ text, state }: { text: string; state: string }) => (
  <span className={state}>{text}</span>
));

/** Scrolls a box, and nothing around it, to its child number `at` whenever that is out of sight. */
function useKeptInSight(at: number) {
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const word = box.current?.children[at];
    if (box.current && word instanceof HTMLElement) {
      const { scrollTop, clientHeight } = box.current;
      const top = word.offsetTop;
      if (top < scrollTop || top + word.offsetHeight > scrollTop + clientHeight) {
        box.current.scrollTop = top - clientHeight / 4;
      }
    }
  }, [at]);
  return box;
}
