import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker } from "react-router";
import { Ask } from "../../ui/Ask";
import { Button } from "../../ui/kit";

/** Recordings are only in this window: ask before somebody leaves them behind. */
export function KeepHere({ when }: { when: boolean }) {
  const { t } = useTranslation();
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => when && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    if (when) {
      window.addEventListener("beforeunload", warn);
    }
    return () => window.removeEventListener("beforeunload", warn);
  }, [when]);
  return (
    <Ask
      title={t("record.leaveTitle")}
      open={blocker.state === "blocked"}
      onClose={() => blocker.state === "blocked" && blocker.reset()}
    >
      <p>{t("record.leave")}</p>
      <div className="row end">
        <Button onPress={() => blocker.proceed?.()}>{t("record.leaveNow")}</Button>
        <Button look="primary" onPress={() => blocker.reset?.()}>
          {t("record.stay")}
        </Button>
      </div>
    </Ask>
  );
}
