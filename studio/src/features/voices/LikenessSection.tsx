import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { type Voice, versionsOf } from "../../api/voices";
import { Ask } from "../../ui/Ask";
import { Bar, Button } from "../../ui/kit";
import { Trouble, Waiting } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Compare } from "./Compare";
import { useFeedback } from "./FeedbackSection";

type Version = Schemas["Version"];

const SAVED = (voice: Voice) => ({ params: { path: { voice_id: voice.id } } });

/** How like the speaker it is, and the way to make it more so, to compare before anything changes, and to go back. */
export function LikenessSection({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  const tell = useTell();
  const cache = useQueryClient();
  const [compared, setCompared] = useState<Version | null>(null);
  const versions = useQuery(versionsOf(voice.id));
  const numbers = useFeedback(voice).data?.versions ?? [];
  const adapt = useMutation({
    mutationFn: () =>
      expected(api.POST("/v1/voices/{voice_id}/adapt", { ...SAVED(voice), body: { steps: 300 } })),
    onSuccess: () => {
      tell(t("voice.adapting"), "aloud");
      return cache.invalidateQueries({ queryKey: ["voices", voice.id] });
    },
  });
  const activate = useMutation({
    mutationFn: (version: string) =>
      expected(
        api.POST("/v1/voices/{voice_id}/versions/{version_id}/activate", {
          params: { path: { voice_id: voice.id, version_id: version } },
        }),
      ),
    onSuccess: () => {
      tell(t("compare.replaced"));
      return cache.invalidateQueries({ queryKey: ["voices", voice.id] });
    },
  });
  const active = versions.data?.find(({ state }) => state === "active");
  return (
    <section className="sheet stack" aria-labelledby="likeness" tabIndex={-1}>
      <h2 id="likeness">{t("voice.likeness")}</h2>
      <Trouble error={versions.error} onRetry={() => void versions.refetch()} />
      <Trouble error={adapt.error ?? activate.error} />
      {versions.isPending && <Waiting />}
      <ul className="lines">
        {versions.data?.map((version) => (
          <VersionLine
            key={version.id}
            version={version}
            numbers={numbers.find(({ version_id }) => version_id === version.id)}
            onCompare={() => setCompared(version)}
            onReturn={() => activate.mutate(version.id)}
          />
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
      <Ask title={t("compare.title")} open={compared !== null} onClose={() => setCompared(null)}>
        {compared && active && (
          <Compare voice={voice} active={active} candidate={compared} onDone={() => setCompared(null)} />
        )}
      </Ask>
    </section>
  );
}

interface VersionLineProps {
  version: Version;
  numbers: Schemas["VersionNumbers"] | undefined;
  onCompare: () => void;
  onReturn: () => void;
}

function VersionLine({ version, numbers, onCompare, onReturn }: VersionLineProps) {
  const { t, i18n } = useTranslation();
  const which = useId();
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  const stars = numbers?.mean_rating?.toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  return (
    <li>
      <div>
        <strong id={which}>{t("voice.version", { number: version.number })}</strong>{" "}
        <span className="small soft">{t(`voice.origins.${version.origin}`, version.origin)}</span>
        {version.likeness_before != null && version.likeness_after != null && (
          <p className="small soft number">
            {t(version.origin === "reference" ? "voice.clearer" : "voice.closer", {
              before: percent(version.likeness_before),
              after: percent(version.likeness_after),
            })}
          </p>
        )}
        {numbers && stars !== undefined && (
          <p className="small soft number">{t("voice.rated", { rating: stars, count: numbers.rated })}</p>
        )}
      </div>
      {version.state === "active" && <span className="badge good">{t("voice.active")}</span>}
      {version.state === "candidate" && (
        <Button look="primary" aria-describedby={which} onPress={onCompare}>
          {t("voice.compare")}
        </Button>
      )}
      {version.state === "retired" && (
        <div className="row close">
          <Button look="bare" aria-describedby={which} onPress={onCompare}>
            {t("voice.compare")}
          </Button>
          <Button look="bare" aria-describedby={which} onPress={onReturn}>
            {t("voice.back")}
          </Button>
        </div>
      )}
    </li>
  );
}
