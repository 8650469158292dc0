import { useTranslation } from "react-i18next";
import { leave, useEntrance } from "../../api/session";
import { Ask } from "../../ui/Ask";
import { Button } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { Entrance } from "./Entrance";

/** Somebody was signed out while they worked: they sign in and go on, or leave. */
export default function SignedOut() {
  const { t } = useTranslation();
  const door = useEntrance();
  return (
    <Ask title={t("signedOut.title")} open>
      <p className="soft">{t("signedOut.lead")}</p>
      <Trouble error={door.error} onRetry={() => void door.refetch()} />
      {door.data && <Entrance door={{ ...door.data, sign_up: false }} />}
      <div className="row center">
        <Button look="bare" onPress={leave}>
          {t("signedOut.leave")}
        </Button>
      </div>
    </Ask>
  );
}
