import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import type { Voice } from "../../api/voices";
import { Bar, Button } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Notice, Trouble } from "../../ui/say";
import { recordingsOf } from "./recordings";

type Advised = Schemas["Suggestion"];

interface SuggestionProps {
  voice: Voice;
  suggestion: Advised;
}

/** One thing that would make the voice better, why, and the way to do it. */
export function Suggestion({ voice, suggestion }: SuggestionProps) {
  const { t, i18n } = useTranslation();
  const cache = useQueryClient();
  const refresh = () => cache.invalidateQueries({ queryKey: ["voices", voice.id] });
  const reselect = useMutation({
    mutationFn: () =>
      expected(api.POST("/v1/voices/{voice_id}/reselect", { params: { path: { voice_id: voice.id } } })),
    onSuccess: refresh,
  });
  const reason = inLanguage(suggestion.reason, i18n.language);
  if (suggestion.action === "collect") {
    return <p className="soft">{reason}</p>;
  }
  if (suggestion.action === "wait") {
    return <Bar label={reason} value={null} />;
  }
  return (
    <Notice tone={suggestion.action === "compare" ? "good" : "warn"}>
      <p>{reason}</p>
      <Trouble error={reselect.error} />
      {suggestion.action === "rerecord" && <Rerecord voice={voice} suggestion={suggestion} />}
      {suggestion.action === "reselect" && (
        <Button isPending={reselect.isPending} onPress={() => reselect.mutate()}>
          {t("feedback.reselect")}
        </Button>
      )}
      {suggestion.action === "adapt" && <p className="small soft">{t("feedback.adapt")}</p>}
      {suggestion.action === "compare" && <p className="small soft">{t("feedback.compare")}</p>}
    </Notice>
  );
}

/** Which recordings to replace, what is wrong with them, and what to read instead. */
function Rerecord({ voice, suggestion }: SuggestionProps) {
  const { t, i18n } = useTranslation();
  const recordings = useQuery(recordingsOf(voice.id));
  const places = (recordings.data ?? []).flatMap(({ id }, at) =>
    suggestion.recordings.includes(id) ? [t("recordings.one", { number: at + 1 })] : [],
  );
  return (
    <>
      {places.length > 0 && (
        <p className="small">
          {t("feedback.replace")} {places.join(t("feedback.comma"))}
        </p>
      )}
      {suggestion.because.map(({ check, advice }) => (
        <p key={check} className="small">
          <span className="badge warn">{t(`checks.${check}`, check)}</span>{" "}
          {inLanguage(advice, i18n.language)}
        </p>
      ))}
      {suggestion.sentences.length > 0 && (
        <>
          <p className="small">{t("feedback.read")}</p>
          <ul className="small">
            {suggestion.sentences.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </>
      )}
      <LinkButton to={`/record/${voice.id}`}>{t("record.again")}</LinkButton>
    </>
  );
}

const inLanguage = (words: Record<string, string>, language: string) =>
  words[language.slice(0, 2)] ?? words.en ?? "";
