import { Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCopy } from "../../ui/copy";
import { Button } from "../../ui/kit";

/** Text for a program, to be copied. */
export function Code({ text }: { text: string }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div className="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0}>{text}</pre>
      <Button look="bare" round aria-label={t("common.copy")} onPress={() => void copy(text)}>
        <Copy className="icon" aria-hidden />
      </Button>
    </div>
  );
}
