import { useTranslation } from "react-i18next";
import { speaks, useVoices } from "../../api/voices";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Head, Trouble, Waiting } from "../../ui/say";
import { Desk } from "./Desk";

export default function SpeakPage() {
  const { t } = useTranslation();
  const voices = useVoices();
  const ready = voices.data?.filter(speaks);
  return (
    <>
      <Head title={t("speak.title")}>{t("speak.lead")}</Head>
      <Trouble error={voices.error} onRetry={() => void voices.refetch()} />
      {voices.isPending && <Waiting />}
      {ready?.length === 0 && (
        <Empty
          title={t("speak.noVoiceTitle")}
          action={
            <LinkButton to="/record" look="primary">
              {t("voices.new")}
            </LinkButton>
          }
        >
          {t("speak.noVoice")}
        </Empty>
      )}
      {ready && ready.length > 0 && <Desk voices={ready} />}
    </>
  );
}
