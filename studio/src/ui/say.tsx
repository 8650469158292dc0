import type { i18n as I18n } from "i18next";
import { CircleAlert, CircleCheck, RotateCcw, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "../api/problem";
import { count, duration, moment } from "./format";
import { Button } from "./kit";
import { LinkButton } from "./LinkButton";

type Tone = "good" | "warn" | "bad";

const ICONS = { good: CircleCheck, warn: TriangleAlert, bad: CircleAlert };

export function Notice({ tone = "good", children }: { tone?: Tone; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <div className={`notice ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon className="icon" aria-hidden />
      <div>{children}</div>
    </div>
  );
}

interface TroubleProps {
  error: unknown;
  /** Offer another try, where it can help, and once it can. */
  onRetry?: () => void;
  /** Words of this place for a code, where it means something special here. */
  words?: Readonly<Record<string, string>>;
  /** What it is about, where there are several of it. */
  about?: string | undefined;
  children?: ReactNode;
}

/** An error in the reader's words, with what can be done about it. */
export function Trouble({ error, onRetry, words = {}, about, children }: TroubleProps) {
  const { t } = useTranslation();
  const says = useWords();
  const early = useEarly(error);
  if (!error) {
    return null;
  }
  const said = words[codeOf(error)] ?? says(error);
  return (
    <Notice tone="bad">
      <p>{about ? t("problems.about", { what: about, says: said }) : said}</p>
      {error instanceof Refusal && error.status >= 500 && error.further.request_id && (
        <p className="small soft">{t("common.requestId", { id: error.further.request_id })}</p>
      )}
      {error instanceof Refusal && error.spent && error.further.quota !== "grant" && (
        <LinkButton to="/privacy" look="bare">
          {t("problems.toUsage")}
        </LinkButton>
      )}
      {onRetry && !(error instanceof Refusal && !error.passes) && (
        <Button look="bare" isDisabled={early} onPress={onRetry}>
          <RotateCcw className="icon" aria-hidden />
          {t("common.retry")}
        </Button>
      )}
      {children}
    </Notice>
  );
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Does the service ask to wait still, before another try? */
function useEarly(error: unknown): boolean {
  const from = error instanceof Refusal ? error.notBefore : null;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (from === null) {
      return;
    }
    const left = Math.min(Math.max(0, from - Date.now()), LONGEST_TIMER_MS);
    const timer = setTimeout(() => setNow(Date.now()), left);
    return () => clearTimeout(timer);
  }, [from]);
  return from !== null && now < from;
}

/** What errors say: our own words for their codes, else the service's sentence. */
export function useWords(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    const code = codeOf(error);
    const refused = error instanceof Refusal ? error : null;
    if (refused?.spent) {
      return spentWords(refused, i18n);
    }
    if (refused?.status === 429 && refused.further.retry_after != null) {
      return t("problems.limited_until", { when: duration(refused.further.retry_after, i18n.language) });
    }
    if (i18n.exists(`problems.${code}`)) {
      return t(`problems.${code}`);
    }
    return refused?.message || t("problems.unreadable");
  };
}

/** Whose characters do not suffice, how many are left, and when or how there are more. */
function spentWords({ further, notBefore }: Refusal, { t, language }: I18n): string {
  const left = further.remaining ? "_left" : "";
  const holes = { left: count(further.remaining ?? 0, language) };
  if (further.quota === "grant") {
    return t(`spent.grant${left}`, holes);
  }
  if (notBefore === null || further.retry_after == null) {
    return t("problems.quota_exceeded");
  }
  const when = { moment: moment(notBefore, language), when: duration(further.retry_after, language) };
  return t(`spent.account${left}`, { ...holes, ...when });
}

/** What stands where something is still being fetched; it shows only if that takes a moment. */
export function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="waiting" role="status">
      <span className="visually-hidden">{t("common.loading")}</span>
      <div />
      <div />
      <div />
    </div>
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

/** The id of a page's heading, after which its main part is called too. */
export const TITLE = "page-title";

/** A page's heading; the window is called after it. */
export function Head({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const { t } = useTranslation();
  const name = t("common.name");
  useEffect(() => {
    document.title = `${title} · ${name}`;
  }, [title, name]);
  return (
    <header className="page-head">
      <div>
        <h1 id={TITLE} dir="auto">
          {title}
        </h1>
        {children && <p>{children}</p>}
      </div>
      {action}
    </header>
  );
}
