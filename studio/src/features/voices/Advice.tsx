import { useTranslation } from "react-i18next";
import { adviceOf, faults, gravity, reportOf } from "../../api/report";

/** What the judge of recordings found, one sentence for each fault. */
export function Advice({ report }: { report: unknown }) {
  const { t, i18n } = useTranslation();
  const found = reportOf(report);
  if (!found) {
    return null;
  }
  const wrong = faults(found);
  if (wrong.length === 0) {
    return <p className="soft">{t("voice.noFaults")}</p>;
  }
  return (
    <ul className="lines">
      {wrong.map((check) => (
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
