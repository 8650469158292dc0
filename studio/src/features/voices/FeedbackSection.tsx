import { useQuery } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import type { Voice } from "../../api/voices";
import { count, weekBegin } from "../../ui/format";
import { Trouble, Waiting } from "../../ui/say";
import { Suggestion } from "./Suggestion";

type Week = Schemas["Week"];

const WEEKS = 12;
const MOST_STARS = 5;
const POLL_MS = 3000;

export function useFeedback(voice: Voice) {
  return useQuery({
    queryKey: ["voices", voice.id, "feedback"],
    queryFn: () =>
      expected(api.GET("/v1/voices/{voice_id}/feedback", { params: { path: { voice_id: voice.id } } })),
    refetchInterval: (query) =>
      query.state.data?.suggestions.some(({ action }) => action === "wait") ? POLL_MS : false,
  });
}

/** How a voice is liked over time, and what would make it better. */
export function FeedbackSection({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const feedback = useFeedback(voice);
  const weeks = feedback.data?.weeks ?? [];
  const total = (name: "rated" | "thumbs_up" | "thumbs_down") =>
    weeks.reduce((sum, week) => sum + week[name], 0);
  // Where nothing is rated yet, that is said already.
  const suggestions =
    feedback.data?.suggestions.filter(({ action }) => action !== "collect" || total("rated") > 0) ?? [];
  return (
    <section className="sheet stack" aria-labelledby="feedback" tabIndex={-1}>
      <h2 id="feedback">{t("feedback.title")}</h2>
      <Trouble error={feedback.error} onRetry={() => void feedback.refetch()} />
      {feedback.isPending && <Waiting />}
      {feedback.data && total("rated") === 0 && <p className="soft">{t("feedback.none")}</p>}
      {total("rated") > 0 && (
        <>
          <p className="row small soft number">
            {t("feedback.rated", { count: total("rated") })}
            <span className="badge">
              <ThumbsUp className="icon" aria-hidden />
              <span className="visually-hidden">{t("rating.up")}</span>
              {count(total("thumbs_up"), i18n.language)}
            </span>
            <span className="badge">
              <ThumbsDown className="icon" aria-hidden />
              <span className="visually-hidden">{t("rating.down")}</span>
              {count(total("thumbs_down"), i18n.language)}
            </span>
          </p>
          <Weeks weeks={weeks.slice(-WEEKS)} />
        </>
      )}
      {suggestions.map((suggestion) => (
        <Suggestion key={suggestion.action} voice={voice} suggestion={suggestion} />
      ))}
    </section>
  );
}

/** Mean stars of each week, as columns; a week without stars has none. */
function Weeks({ weeks }: { weeks: readonly Week[] }) {
  const { t, i18n } = useTranslation();
  if (weeks.every((week) => week.mean_rating === null)) {
    return null;
  }
  return (
    <ol className="weeks" aria-label={t("feedback.weeks")}>
      {weeks.map(({ week, mean_rating, rated }) => (
        <li key={week}>
          <span className="small number">
            {mean_rating?.toLocaleString(i18n.language, { maximumFractionDigits: 1 }) ?? "–"}
          </span>
          <div aria-hidden="true">
            <div style={{ height: `${((mean_rating ?? 0) / MOST_STARS) * 100}%` }} />
          </div>
          <span className="small soft number" title={t("feedback.rated", { count: rated })}>
            {weekBegin(week, i18n.language)}
          </span>
        </li>
      ))}
    </ol>
  );
}
