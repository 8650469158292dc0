import { MessageSquareText, Mic } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { reportOf } from "../../api/report";
import { speaks, useVoices, type Voice } from "../../api/voices";
import { day } from "../../ui/format";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Head, Trouble, Waiting } from "../../ui/say";
import { VoiceBadges, VoicePrint } from "./VoiceBadge";

export function VoicesPage() {
  const { t } = useTranslation();
  const voices = useVoices();
  const presets = voices.data?.filter(({ preset }) => preset) ?? [];
  const own = voices.data?.filter(({ preset }) => !preset);
  const make = (
    <LinkButton to="/record" look="primary">
      <Mic className="icon" aria-hidden />
      {t("voices.new")}
    </LinkButton>
  );
  return (
    <>
      <Head title={t("voices.title")} action={own?.length ? make : undefined}>
        {t("voices.lead")}
      </Head>
      <Trouble error={voices.error} onRetry={() => void voices.refetch()} />
      {voices.isPending && <Waiting />}
      {own?.length === 0 && (
        <Empty title={t("voices.emptyTitle")} action={make}>
          {t("voices.empty")}
        </Empty>
      )}
      <Cards voices={own ?? []} />
      {presets.length > 0 && (
        <section className="presets stack" aria-labelledby="presets">
          <div>
            <h2 id="presets">{t("voices.presets")}</h2>
            <p className="soft">{t(own?.length ? "voices.presetsLead" : "voices.presetsFirst")}</p>
          </div>
          <Cards voices={presets} />
        </section>
      )}
    </>
  );
}

function Cards({ voices }: { voices: readonly Voice[] }) {
  return (
    <ul className="cards">
      {voices.map((voice) => (
        <li key={voice.id}>
          <VoiceCard voice={voice} />
        </li>
      ))}
    </ul>
  );
}

function VoiceCard({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const Name = voice.preset ? "h3" : "h2";
  const seconds = reportOf(voice.report)?.net_speech_s;
  return (
    <article className="voice-card">
      <VoicePrint id={voice.id} />
      {/* Below the heading of their section, presets are one level deeper. */}
      <Name className="name">
        <Link to={`/voices/${voice.id}`} dir="auto">
          {voice.name}
        </Link>
      </Name>
      {/* That it is a preset is what its section says. */}
      {!voice.preset && <VoiceBadges voice={voice} />}
      <div className="row apart">
        <p className="small soft">
          {voice.preset
            ? voice.language !== "auto" && t(`languages.${voice.language}`)
            : day(voice.created_at, i18n.language)}
          {seconds !== undefined && ` · ${t("voices.seconds", { seconds: Math.round(seconds) })}`}
        </p>
        {speaks(voice) && (
          <Link
            to={`/speak?voice=${voice.id}`}
            className="button quiet"
            aria-label={t("voices.speakWith", { name: voice.name })}
          >
            <MessageSquareText className="icon" aria-hidden />
            {t("nav.speak")}
          </Link>
        )}
      </div>
    </article>
  );
}
