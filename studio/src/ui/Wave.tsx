import { Pause, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import WaveSurfer from "wavesurfer.js";
import { clock } from "./format";
import { Button } from "./kit";
import { useTheme } from "./theme";

interface WaveProps {
  audio: Blob;
  label: string;
  autoPlay?: boolean;
  onTime?: (seconds: number) => void;
}

/** A recording as a waveform with a play button. */
export function Wave({ audio, label, autoPlay = false, onTime }: WaveProps) {
  const { t } = useTranslation();
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const surfer = useRef<WaveSurfer | null>(null);
  const [playing, setPlaying] = useState(false);
  const [time, setTime] = useState({ now: 0, length: 0 });
  const heard = useRef(onTime);
  heard.current = onTime;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read
  useEffect(() => {
    if (!box.current) {
      return;
    }
    const wave = drawn(box.current);
    surfer.current = wave;
    wave.on("ready", (length) => {
      setTime({ now: 0, length });
      if (autoPlay) {
        void wave.play();
      }
    });
    wave.on("play", () => setPlaying(true));
    wave.on("pause", () => setPlaying(false));
    wave.on("finish", () => setPlaying(false));
    wave.on("timeupdate", (now) => {
      setTime((before) => ({ ...before, now }));
      heard.current?.(now);
    });
    wave.loadBlob(audio).catch(() => undefined);
    return () => wave.destroy();
  }, [audio, theme, autoPlay]);

  const Icon = playing ? Pause : Play;
  return (
    <div className="row" style={{ flexWrap: "nowrap" }}>
      <Button
        look="primary"
        round
        aria-label={t(playing ? "common.pause" : "common.play", { what: label })}
        onPress={() => void surfer.current?.playPause()}
      >
        <Icon className="icon" aria-hidden />
      </Button>
      <div ref={box} className="wave" style={{ flex: 1, minWidth: 0 }} aria-hidden="true" />
      <span className="number small soft">
        {clock(time.now)} / {clock(time.length)}
      </span>
    </div>
  );
}

function drawn(container: HTMLElement): WaveSurfer {
  const style = getComputedStyle(document.documentElement);
  return WaveSurfer.create({
    container,
    height: 72,
    barWidth: 3,
    barGap: 2,
    barRadius: 2,
    cursorWidth: 0,
    normalize: true,
    waveColor: style.getPropertyValue("--line-firm").trim(),
    progressColor: style.getPropertyValue("--jade").trim(),
  });
}
