import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "./toast";

/** Copy a text and say so; where the browser gives no clipboard (a page without https), say how to copy by hand. */
export function useCopy(): (text: string) => Promise<void> {
  const { t } = useTranslation();
  const tell = useTell();
  return useCallback(
    async (text: string) => {
      try {
        await navigator.clipboard.writeText(text);
        tell(t("common.copied"));
      } catch {
        tell(t("common.copyByHand"));
      }
    },
    [t, tell],
  );
}
