import { Mic, Square } from "lucide-react";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { clock } from "../../ui/format";
import type { Recording } from "./useTake";

interface DialProps {
  take: Recording;
  progress: number;
  onPress: () => void;
}

const RADIUS = 46;
const AROUND = 2 * Math.PI * RADIUS;

/** The microphone: its ring fills up to a good minute, its halo breathes with the level. */
export function Dial({ take, progress, onPress }: DialProps) {
  const { t } = useTranslation();
  const { running, asking, level, seconds } = take;
  const Icon = running ? Square : Mic;
  const shown = { strokeDasharray: AROUND, strokeDashoffset: AROUND * (1 - progress) };
  const halo = { transform: `scale(${0.72 + level * 0.4})`, opacity: running ? 1 : 0 };
  return (
    <div className="dial">
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle className="ring" cx="50" cy="50" r={RADIUS} />
        {running && progress > 0 && <circle className="ring done" cx="50" cy="50" r={RADIUS} style={shown} />}
      </svg>
      <div className="halo" style={halo} />
      <Button onPress={onPress} isPending={asking}>
        <Icon className={running ? "icon solid" : "icon"} aria-hidden />
        {running ? t("record.stop") : t("record.start")}
        {running && <span className="number">{clock(seconds)}</span>}
      </Button>
    </div>
  );
}
