import { Check, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { asks, gravity, type Check as Measured, type Report } from "../../api/report";

/** What a speaker can do something about while reading; how much was read is on the bar above. */
const TELLING: readonly string[] = [
  "level",
  "clipping",
  "snr",
  "disturbances",
  "reverberation",
  "bandwidth",
  "music",
  "other_speaker",
  "speaking_rate",
  "outbursts",
];

/** What is known and worth a word: all that asks for something, and of what is well the telling. */
function worth(report: Report): Measured[] {
  const well = (check: Measured) => gravity(check) === 0 && TELLING.includes(check.id);
  return report.checks.filter((check) => check.value !== null && (asks(check, report) || well(check)));
}

/** What the coach hears: a tick for what is well, a sign for what is not. */
export function Heard({ report }: { report: Report | null }) {
  const { t, i18n } = useTranslation();
  const known = report ? worth(report) : [];
  return (
    <ul className="chips" aria-label={t("record.heard")}>
      {known.map((check) => {
        const grave = gravity(check);
        const number = check.value?.toLocaleString(i18n.language, { maximumFractionDigits: 1 });
        const unit = t(`units.${check.unit}`, check.unit);
        return (
          <li key={check.id} className={`badge ${["good", "warn", "bad"][grave]}`}>
            {grave > 0 ? (
              <TriangleAlert className="icon" role="img" aria-label={t("record.toMend")} />
            ) : (
              <Check className="icon" role="img" aria-label={t("record.well")} />
            )}
            {t(`checks.${check.id}`, check.id)}
            {grave > 0 && (
              <span className="number">
                {number} {unit}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
