import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import type { Voice } from "../../api/voices";
import { Bar, Button } from "../../ui/kit";
import { Trouble, Waiting } from "../../ui/say";

const SAVED = (voice: Voice) => ({ params: { path: { voice_id: voice.id } } });

/** How like the speaker it is, what ratings say, and the way to make it better or to go back. */
export function LikenessSection({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const cache = useQueryClient();
  const versions = useQuery({
    queryKey: ["voices", voice.id, "versions", voice.state],
    queryFn: async () => (await expected(api.GET("/v1/voices/{voice_id}/versions", SAVED(voice)))).items,
  });
  const feedback = useQuery({
    queryKey: ["voices", voice.id, "feedback"],
    queryFn: () => expected(api.GET("/v1/voices/{voice_id}/feedback", SAVED(voice))),
  });
  const adapt = useMutation({
    mutationFn: () =>
      expected(api.POST("/v1/voices/{voice_id}/adapt", { ...SAVED(voice), body: { steps: 300 } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["voices", voice.id] }),
  });
  const activate = useMutation({
    mutationFn: (version: string) =>
      expected(
        api.POST("/v1/voices/{voice_id}/versions/{version_id}/activate", {
          params: { path: { voice_id: voice.id, version_id: version } },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["voices", voice.id] }),
  });
  const latest = feedback.data?.weeks.at(-1);
  return (
    <section className="sheet stack" aria-labelledby="likeness">
      <h2 id="likeness">{t("voice.likeness")}</h2>
      <Trouble error={versions.error ?? feedback.error ?? adapt.error ?? activate.error} />
      {latest?.mean_rating != null && (
        <p>{t("voice.rated", { rating: latest.mean_rating.toFixed(1), count: latest.rated })}</p>
      )}
      {feedback.data?.suggestions.map((suggestion) => (
        <p key={suggestion.action} className="soft">
          {suggestion.reason[i18n.language] ?? suggestion.reason.en}
        </p>
      ))}
      {versions.isPending && <Waiting />}
      <ul className="lines">
        {versions.data?.map((version) => (
          <VersionLine key={version.id} version={version} onChoose={() => activate.mutate(version.id)} />
        ))}
      </ul>
      {voice.state === "ready" && (
        <div>
          <Button isPending={adapt.isPending} onPress={() => adapt.mutate()}>
            <Sparkles className="icon" aria-hidden />
            {t("voice.adapt")}
          </Button>
          <p className="small soft hint">{t("voice.adaptHint")}</p>
        </div>
      )}
      {voice.state === "adapting" && <Bar label={t("voice.adapting")} value={null} />}
    </section>
  );
}

function VersionLine({ version, onChoose }: { version: Schemas["Version"]; onChoose: () => void }) {
  const { t } = useTranslation();
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  return (
    <li>
      <div>
        <strong>{t("voice.version", { number: version.number })}</strong>{" "}
        <span className="small soft">{t(`voice.origins.${version.origin}`, version.origin)}</span>
        {version.likeness_before != null && version.likeness_after != null && (
          <p className="small soft number">
            {t("voice.closer", {
              before: percent(version.likeness_before),
              after: percent(version.likeness_after),
            })}
          </p>
        )}
      </div>
      {version.state === "active" ? (
        <span className="badge good">{t("voice.active")}</span>
      ) : (
        <Button onPress={onChoose}>{t("voice.choose")}</Button>
      )}
    </li>
  );
}
