import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "../api/problem";

type Tone = "good" | "warn" | "bad";

const ICONS = { good: Info, warn: TriangleAlert, bad: CircleAlert };

export function Notice({ tone = "good", children }: { tone?: Tone; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <div className={`notice ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon className="icon" aria-hidden />
      <div>{children}</div>
    </div>
  );
}

/** An error in the user's words; the service's own sentence stands below where it says more. */
export function Trouble({ error }: { error: unknown }) {
  const { t, i18n } = useTranslation();
  if (!error) {
    return null;
  }
  const code = codeOf(error);
  const known = i18n.exists(`problems.${code}`);
  const detail = error instanceof Refusal ? error.message : "";
  const says = known ? t(`problems.${code}`) : detail || t("problems.unreadable");
  return (
    <Notice tone="bad">
      <p>{says}</p>
      {error instanceof Refusal && error.status >= 500 && error.requestId && (
        <p className="small soft">{t("common.requestId", { id: error.requestId })}</p>
      )}
    </Notice>
  );
}

/** The machine name of an error: the service's, the browser's, or that the service could not be reached. */
export function codeOf(error: unknown): string {
  if (error instanceof Refusal) {
    return error.code;
  }
  if (error instanceof DOMException) {
    return error.name;
  }
  return error instanceof TypeError ? "unreachable" : "unreadable";
}

export function Waves() {
  const heights = [6, 14, 26, 12, 34, 20, 40, 24, 30, 15, 22, 8, 4];
  return (
    <svg className="waves" viewBox="0 0 130 48" aria-hidden="true">
      {heights.map((height, at) => (
        <rect
          key={height}
          x={at * 10 + 3}
          y={24 - height / 2}
          width="4"
          height={height}
          rx="2"
          fill="currentColor"
          opacity={0.35 + (height / 40) * 0.65}
        />
      ))}
    </svg>
  );
}

export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <Waves />
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

export function Head({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {children && <p>{children}</p>}
      </div>
      {action}
    </header>
  );
}
