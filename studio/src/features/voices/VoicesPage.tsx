import { MessageSquareText, Mic } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { reportOf } from "../../api/report";
import { speaks, useVoices, type Voice } from "../../api/voices";
import { day } from "../../ui/format";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Head, Trouble, Waiting } from "../../ui/say";
import { GradeBadge, StateBadge, VoicePrint } from "./VoiceBadge";

export function VoicesPage() {
  const { t } = useTranslation();
  const voices = useVoices();
  const make = (
    <LinkButton to="/record" look="primary">
      <Mic className="icon" aria-hidden />
      {t("voices.new")}
    </LinkButton>
  );
  return (
    <>
      <Head title={t("voices.title")} action={voices.data?.length ? make : undefined}>
        {t("voices.lead")}
      </Head>
      <Trouble error={voices.error} onRetry={() => void voices.refetch()} />
      {voices.isPending && <Waiting />}
      {voices.data?.length === 0 && (
        <Empty title={t("voices.emptyTitle")} action={make}>
          {t("voices.empty")}
        </Empty>
      )}
      <ul className="cards">
        {voices.data?.map((voice) => (
          <li key={voice.id}>
            <VoiceCard voice={voice} />
          </li>
        ))}
      </ul>
    </>
  );
}

function VoiceCard({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const seconds = reportOf(voice.report)?.net_speech_s;
  return (
    <article className="voice-card">
      <VoicePrint id={voice.id} />
      <h2>
        <Link to={`/voices/${voice.id}`}>{voice.name}</Link>
      </h2>
      <div className="row">
        <StateBadge state={voice.state} />
        <GradeBadge grade={voice.grade ?? null} />
        {!voice.owned && <span className="badge">{t("voices.shared")}</span>}
      </div>
      <div className="row apart">
        <p className="small soft">
          {day(voice.created_at, i18n.language)}
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
