import { useTranslation } from "react-i18next";
import { Button } from "./kit";
import { Empty } from "./say";

/** In place of a page that broke, or whose code did not arrive. */
export function Broken() {
  const { t } = useTranslation();
  return (
    <Empty
      title={t("broken.title")}
      action={
        <Button look="primary" onPress={() => window.location.reload()}>
          {t("broken.reload")}
        </Button>
      }
    >
      {t("broken.what")}
    </Empty>
  );
}
