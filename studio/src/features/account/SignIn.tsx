import { KeyRound, ShieldCheck, Trash2 } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { useEntrance } from "../../api/session";
import { Switches, Wordmark } from "../../ui/Shell";
import { Trouble } from "../../ui/say";
import { Entrance } from "./Entrance";

const PROMISES = [
  [ShieldCheck, "sealed"],
  [KeyRound, "consent"],
  [Trash2, "delete"],
] as const;

export function SignIn() {
  const { t } = useTranslation();
  const door = useEntrance();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/voices";
  const title = `${t("common.name")} · ${t("welcome.title")}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  if (door.data?.account) {
    return <Navigate to={from} replace />;
  }
  return (
    <main className="welcome" id="main">
      <div className="welcome-corner">
        <Switches />
      </div>
      <div className="welcome-words">
        <Wordmark />
        <h1>{t("welcome.title")}</h1>
        <p className="lead">{t("welcome.lead")}</p>
        <Timbre />
      </div>
      <div className="welcome-door">
        {door.error && (
          <div className="sheet">
            <Trouble error={door.error} onRetry={() => void door.refetch()} />
          </div>
        )}
        {door.data && <Entrance door={door.data} />}
      </div>
      <ul className="promises">
        {PROMISES.map(([Icon, promise]) => (
          <li key={promise}>
            <Icon className="icon" aria-hidden />
            {t(`welcome.${promise}`)}
          </li>
        ))}
      </ul>
    </main>
  );
}

/** The house's picture: one tone and its overtones. */
function Timbre() {
  const curve = (overtone: number, height: number) =>
    Array.from({ length: 121 }, (_, at) => {
      const x = at / 120;
      const envelope = Math.sin(Math.PI * x) ** 2;
      const y = 60 - Math.sin(2 * Math.PI * 2.5 * overtone * x) * height * envelope;
      return `${at === 0 ? "M" : "L"}${(x * 480).toFixed(1)} ${y.toFixed(1)}`;
    }).join("");
  return (
    <svg className="timbre" viewBox="0 0 480 120" fill="none" stroke="currentColor" aria-hidden="true">
      <path d={curve(1, 50)} strokeWidth="2.5" />
      <path d={curve(2, 28)} strokeWidth="1.5" opacity="0.6" />
      <path d={curve(3, 17)} strokeWidth="1.2" opacity="0.4" />
      <path d={curve(5, 10)} strokeWidth="1" opacity="0.3" />
    </svg>
  );
}
