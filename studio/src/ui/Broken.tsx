import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { Button } from "./kit";
import { Empty } from "./say";

/** How browsers word it that a page's code did not arrive: the network is away, or newer pages stand in its place. */
const NOT_ARRIVED = /module/i;

/** In place of a page that broke, or whose code did not arrive. */
export function Broken() {
  const { t } = useTranslation();
  const error = useRouteError();
  const away = error instanceof TypeError && NOT_ARRIVED.test(error.message);
  const title = t(away ? "broken.away" : "broken.title");
  const name = t("common.name");
  useEffect(() => {
    document.title = `${title} · ${name}`;
  }, [title, name]);
  return (
    <Empty
      title={title}
      action={
        <Button look="primary" onPress={() => window.location.reload()}>
          {t("broken.reload")}
        </Button>
      }
    >
      {t(away ? "broken.awayWhat" : "broken.what")}
    </Empty>
  );
}
