import { Pause, Play } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import WaveSurfer from "wavesurfer.js";
import { BAR } from "./Bars";
import { clock } from "./format";
import { Button } from "./kit";
import { useTheme } from "./theme";

const STEP_SECONDS = 0.1;
/** How far an arrow key goes. */
const KEY_SECONDS = 1;
const KEYS: Readonly<Record<string, number>> = {
  ArrowLeft: -KEY_SECONDS,
  ArrowDown: -KEY_SECONDS,
  ArrowRight: KEY_SECONDS,
  ArrowUp: KEY_SECONDS,
};

/** What sounds now: whoever plays another wants to hear that one, not both. */
let sounding: WaveSurfer | null = null;

/** Sound that is still arriving, and is heard meanwhile. */
export interface Live {
  readonly bars: ReactNode;
  readonly playing: boolean;
  readonly now: number;
  /** Seconds that have arrived. */
  readonly length: number;
  /** Seconds that there will be, as far as can be told. */
  readonly whole: number;
  readonly toggle: () => void;
  readonly seek: (seconds: number) => void;
}

interface WaveProps {
  audio: Blob | null;
  label: string;
  autoPlay?: boolean;
  onTime?: (seconds: number) => void;
  /** Until it is null, this is drawn and played in place of `audio`. */
  live?: Live | null;
}

/** Sound as a waveform with a play button; the same button from the first sound to the last replay. */
export function Wave({ audio, label, autoPlay = false, onTime, live = null }: WaveProps) {
  const { t } = useTranslation();
  const file = useFile(live ? null : audio, autoPlay, onTime);
  const { playing, now, length, toggle, seek } = live ?? file;
  const Icon = playing ? Pause : Play;
  return (
    <div className="wave-row">
      <Button
        look="primary"
        round
        isDisabled={!live && file.failed}
        aria-label={t(playing ? "common.pause" : "common.play", { what: label })}
        onPress={toggle}
      >
        <Icon className="icon solid" aria-hidden />
      </Button>
      <div className="wave">
        {live?.bars}
        <div ref={file.box} hidden={live !== null || file.failed} aria-hidden="true" />
        {(live || !file.failed) && (
          <input
            type="range"
            className="seek"
            aria-label={t("common.position", { what: label })}
            aria-valuetext={clock(now)}
            min={0}
            max={Math.max(live?.whole ?? length, STEP_SECONDS)}
            step={STEP_SECONDS}
            value={now}
            // What is disabled loses the focus, and between the last sound and the file there is nothing for a moment.
            aria-disabled={length === 0}
            onChange={(event) => length > 0 && seek(event.target.valueAsNumber)}
            onKeyDown={(event) => {
              const way = KEYS[event.key];
              if (way !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
                event.preventDefault();
                seek(Math.min(Math.max(0, now + way), length));
              }
            }}
          />
        )}
        {!live && file.failed && <p className="small soft">{t("common.noPreview")}</p>}
      </div>
      <span className="number small soft">
        {clock(now)} / {clock(length)}
      </span>
    </div>
  );
}

/** A file drawn into `box`, and its playing. */
function useFile(audio: Blob | null, autoPlay: boolean, onTime: ((seconds: number) => void) | undefined) {
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const surfer = useRef<WaveSurfer | null>(null);
  const [state, setState] = useState({ playing: false, now: 0, length: 0, failed: false });
  const heard = useRef(onTime);
  heard.current = onTime;

  useEffect(() => {
    if (!box.current || !audio) {
      return;
    }
    const change = (part: Partial<typeof state>) => setState((before) => ({ ...before, ...part }));
    const wave = drawn(box.current);
    surfer.current = wave;
    wave.on("ready", (length) => {
      change({ now: 0, length, failed: false });
      if (autoPlay) {
        // A browser may refuse sound that nobody asked for; the button is there.
        wave.play().catch(() => undefined);
      }
    });
    wave.on("play", () => {
      if (sounding !== wave) {
        sounding?.pause();
        sounding = wave;
      }
      change({ playing: true });
    });
    wave.on("pause", () => change({ playing: false }));
    wave.on("finish", () => change({ playing: false }));
    wave.on("timeupdate", (now) => {
      change({ now });
      heard.current?.(now);
    });
    let left = false;
    const fail = () => left || change({ failed: true });
    wave.on("error", fail);
    wave.loadBlob(audio).catch(fail);
    return () => {
      left = true;
      if (sounding === wave) {
        sounding = null;
      }
      wave.destroy();
    };
  }, [audio, autoPlay]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read
  useEffect(() => {
    if (box.current) {
      surfer.current?.setOptions(colours(box.current));
    }
  }, [theme]);

  return {
    ...state,
    box,
    toggle: () => void surfer.current?.playPause(),
    seek: (seconds: number) => surfer.current?.setTime(seconds),
  };
}

function drawn(container: HTMLElement): WaveSurfer {
  return WaveSurfer.create({
    container,
    height: BAR.height,
    barWidth: BAR.width,
    barGap: BAR.gap,
    barRadius: 2,
    cursorWidth: 0,
    normalize: true,
    interact: false,
    ...colours(container),
  });
}

/** The page's colours as they are at a place. */
function colours(place: HTMLElement) {
  const style = getComputedStyle(place);
  return {
    waveColor: style.getPropertyValue("--line-firm").trim(),
    progressColor: style.getPropertyValue("--jade").trim(),
  };
}
