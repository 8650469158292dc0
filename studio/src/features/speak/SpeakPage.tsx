import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { speaks, useVoices } from "../../api/voices";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Head, Trouble, Waiting } from "../../ui/say";
import { Desk } from "./Desk";

export default function SpeakPage() {
  const { t } = useTranslation();
  const voices = useVoices();
  const [query] = useSearchParams();
  const asked = query.get("voice");
  const ready = voices.data?.filter(speaks);
  // A voice that was made a moment ago is not in the list that is remembered: nobody else speaks in its place meanwhile.
  const coming = asked !== null && voices.isFetching && !ready?.some(({ id }) => id === asked);
  return (
    <>
      <Head title={t("speak.title")}>{t("speak.lead")}</Head>
      <Trouble error={voices.error} onRetry={() => void voices.refetch()} />
      {(voices.isPending || coming) && <Waiting />}
      {ready?.length === 0 && !coming && (
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
      {ready && ready.length > 0 && !coming && <Desk voices={ready} />}
    </>
  );
}
