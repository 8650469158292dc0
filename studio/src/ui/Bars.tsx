import { useEffect, useRef } from "react";
import { fitted } from "../audio/level";
import { useTheme } from "./theme";

interface BarsProps {
  /** Loudness 0..1, in equal parts of time. */
  peaks: readonly number[];
  /** What share of the whole, 0..1, the peaks are. */
  known: number;
  /** What share of the whole was heard. */
  heard: number;
}

export const BAR = { width: 3, gap: 2, height: 72 } as const;

/** Sound that is still arriving, as the bars that a finished waveform has. */
export function Bars({ peaks, known, heard }: BarsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read
  useEffect(() => {
    if (canvas.current) {
      draw(canvas.current, peaks, known, heard);
    }
  }, [peaks, known, heard, theme]);
  return (
    <div aria-hidden="true">
      <canvas ref={canvas} className="bars" />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, peaks: readonly number[], known: number, heard: number): void {
  const pen = canvas.getContext("2d");
  const wide = canvas.clientWidth;
  if (!pen || wide === 0) {
    return;
  }
  const dots = window.devicePixelRatio;
  canvas.width = wide * dots;
  canvas.height = BAR.height * dots;
  pen.scale(dots, dots);
  const style = getComputedStyle(canvas);
  const [said, ahead, empty] = ["--jade", "--line-firm", "--line"].map((name) =>
    style.getPropertyValue(name),
  );
  const all = Math.floor(wide / (BAR.width + BAR.gap));
  const bars = fitted(peaks, Math.min(all, Math.ceil(all * known)));
  const loudest = Math.max(0.25, ...bars);
  for (let at = 0; at < all; at++) {
    const height = Math.max(2, ((bars[at] ?? 0) / loudest) * BAR.height);
    pen.fillStyle = (at >= bars.length ? empty : at < all * heard ? said : ahead) ?? "";
    pen.beginPath();
    pen.roundRect(at * (BAR.width + BAR.gap), (BAR.height - height) / 2, BAR.width, height, 2);
    pen.fill();
  }
}
