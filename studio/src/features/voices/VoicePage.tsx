import { MessageSquareText, Pencil } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useParams } from "react-router";
import { reportOf } from "../../api/report";
import { speaks, useVoice, type Voice } from "../../api/voices";
import { LinkButton } from "../../ui/LinkButton";
import { codeOf, Head, Notice, Trouble, Waiting } from "../../ui/say";
import { Advice } from "./Advice";
import { ConsentSection } from "./ConsentSection";
import { EndSection } from "./EndSection";
import { FeedbackSection } from "./FeedbackSection";
import { GrantsSection } from "./GrantsSection";
import { LikenessSection } from "./LikenessSection";
import { RecordingsSection } from "./RecordingsSection";
import { Refused, useFailure } from "./Refused";
import { Rename } from "./Rename";
import { VoiceBadges, VoicePrint } from "./VoiceBadge";

export default function VoicePage() {
  const { t } = useTranslation();
  const { voiceId = "" } = useParams();
  const voice = useVoice(voiceId);
  // What another window deleted is no longer here, though it is remembered.
  if (voice.data && codeOf(voice.error) !== "not_found") {
    return <OneVoice voice={voice.data} />;
  }
  return (
    <>
      <Head title={t("voice.title")} />
      <Trouble error={voice.error} words={{ not_found: t("voice.notFound") }}>
        <LinkButton to="/voices">{t("voice.toAll")}</LinkButton>
      </Trouble>
      {voice.isPending && <Waiting />}
    </>
  );
}

function OneVoice({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  useSectionOfAddress();
  return (
    <div className="stack">
      <Head
        title={voice.name}
        action={
          <div className="row">
            {speaks(voice) && (
              <LinkButton to={`/speak?voice=${voice.id}`} look="primary">
                <MessageSquareText className="icon" aria-hidden />
                {t("voice.speak")}
              </LinkButton>
            )}
            {voice.owned && <Rename voice={voice} icon={<Pencil className="icon" aria-hidden />} />}
          </div>
        }
      >
        <VoiceBadges voice={voice} />
      </Head>
      <VoicePrint id={voice.id} />
      {voice.preset && (
        <section className="sheet stack" aria-label={t("voices.preset")}>
          <p>{t("voices.presetWhat")}</p>
          <p className="small soft">{t("voices.presetSource", { source: voice.description })}</p>
        </section>
      )}
      {voice.owned && voice.state === "rejected" && <Rejected voice={voice} />}
      {voice.state === "revoked" && <Notice tone="warn">{t("voice.paused")}</Notice>}
      {voice.owned && (
        <div className="mosaic">
          {voice.state !== "rejected" && <Quality voice={voice} />}
          <FeedbackSection voice={voice} />
          {voice.state !== "rejected" && <LikenessSection voice={voice} />}
          <ConsentSection voice={voice} />
          <GrantsSection voice={voice} />
          <RecordingsSection voice={voice} />
          <EndSection voice={voice} />
        </div>
      )}
    </div>
  );
}

/** Why there is no voice yet, and how one goes on. */
function Rejected({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  const failure = useFailure(voice);
  return (
    <section className="sheet stack" aria-label={t("states.rejected")} tabIndex={-1}>
      {failure === undefined ? (
        <Waiting />
      ) : (
        <Refused voice={voice} error={failure} onAgain={() => undefined} />
      )}
    </section>
  );
}

/** Go to the section that the address names after its `#`. */
function useSectionOfAddress(): void {
  const { hash } = useLocation();
  useEffect(() => {
    const section = hash ? document.getElementById(hash.slice(1))?.closest("section") : null;
    section?.scrollIntoView();
    section?.focus({ preventScroll: true });
  }, [hash]);
}

function Quality({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  const report = reportOf(voice.report);
  return (
    <section className="sheet stack" aria-labelledby="quality">
      <h2 id="quality">{t("voice.quality")}</h2>
      {report ? (
        <>
          <p className="soft">{t("voice.heard", { seconds: Math.round(report.net_speech_s) })}</p>
          <Advice voiceId={voice.id} report={report} />
        </>
      ) : (
        <p className="soft">{t("voice.notHeard")}</p>
      )}
    </section>
  );
}
