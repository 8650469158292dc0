import { useTranslation } from "react-i18next";
import { adviceOf, apart, type Check, gravity, reportOf } from "../../api/report";
import { type Names, useNameOf } from "./recordings";

interface AdviceProps {
  voiceId: string;
  report: unknown;
  names?: Names;
}

/** What the judge of recordings found, one sentence for each fault; what only some recordings fail, by their names. */
export function Advice({ voiceId, report, names = {} }: AdviceProps) {
  const { t } = useTranslation();
  const nameOf = useNameOf(voiceId, names);
  const found = reportOf(report);
  if (!found) {
    return null;
  }
  const { alike, single } = apart(found);
  if (alike.length + single.length === 0) {
    return <p className="soft">{t("voice.noFaults")}</p>;
  }
  return (
    <>
      <Faults checks={alike} />
      {single.map(({ recording, checks }) => (
        <div key={recording} className="stack tight">
          <h3>
            {found.can_clone ? t("recordings.leftOut", { name: nameOf(recording) }) : nameOf(recording)}
          </h3>
          <Faults checks={checks} />
        </div>
      ))}
    </>
  );
}

/** Recordings that a voice was made without, and why; nothing where all were used. */
export function LeftOut({ voiceId, report, names = {} }: AdviceProps) {
  const { t } = useTranslation();
  const nameOf = useNameOf(voiceId, names);
  const found = reportOf(report);
  return found?.can_clone
    ? apart(found).single.map(({ recording, checks }) => (
        <div key={recording} className="stack tight whole">
          <h3>{t("recordings.leftOut", { name: nameOf(recording) })}</h3>
          <Faults checks={checks} />
        </div>
      ))
    : null;
}

function Faults({ checks }: { checks: readonly Check[] }) {
  const { t, i18n } = useTranslation();
  return (
    <ul className="lines">
      {checks.map((check) => (
        <li key={check.id}>
          <div>
            <span className={`badge ${gravity(check) > 1 ? "bad" : "warn"}`}>
              {t(`checks.${check.id}`, check.id)}
            </span>{" "}
            {adviceOf(check, i18n.language)}
          </div>
          {check.value !== null && (
            <span className="small soft number">
              {check.value.toLocaleString(i18n.language, { maximumFractionDigits: 1 })}{" "}
              {t(`units.${check.unit}`, check.unit)}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
