import { MessageSquareText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { reportOf } from "../../api/report";
import { speaks, useVoice, type Voice } from "../../api/voices";
import { LinkButton } from "../../ui/LinkButton";
import { Head, Notice, Trouble } from "../../ui/say";
import { Advice } from "./Advice";
import { ConsentSection } from "./ConsentSection";
import { EndSection } from "./EndSection";
import { GrantsSection } from "./GrantsSection";
import { LikenessSection } from "./LikenessSection";
import { RecordingsSection } from "./RecordingsSection";
import { GradeBadge, StateBadge, VoicePrint } from "./VoiceBadge";

export function VoicePage() {
  const { voiceId = "" } = useParams();
  const voice = useVoice(voiceId);
  if (!voice.data) {
    return <Trouble error={voice.error} />;
  }
  return <OneVoice voice={voice.data} />;
}

function OneVoice({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  const speak = (
    <LinkButton to={`/speak?voice=${voice.id}`} look="primary">
      <MessageSquareText className="icon" aria-hidden />
      {t("voice.speak")}
    </LinkButton>
  );
  return (
    <div className="stack">
      <Head title={voice.name} action={speaks(voice) ? speak : undefined} />
      <div className="row">
        <StateBadge state={voice.state} />
        <GradeBadge grade={voice.grade ?? null} />
        {!voice.owned && <span className="badge">{t("voices.shared")}</span>}
      </div>
      <VoicePrint id={voice.id} />
      {voice.state === "rejected" && (
        <Notice tone="bad">
          <p>{t("record.rejected")}</p>
          <LinkButton to={`/record/${voice.id}`} look="bare">
            {t("record.again")}
          </LinkButton>
        </Notice>
      )}
      {voice.owned && (
        <div className="mosaic">
          <Quality voice={voice} />
          <LikenessSection voice={voice} />
          <ConsentSection voice={voice} />
          <GrantsSection voice={voice} />
          <RecordingsSection voice={voice} />
          <EndSection voice={voice} />
        </div>
      )}
    </div>
  );
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
          <Advice report={report} />
        </>
      ) : (
        <p className="soft">{t("voice.notHeard")}</p>
      )}
    </section>
  );
}
