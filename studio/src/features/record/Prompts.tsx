import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import { Button } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import type { CoachLanguage } from "./wizard";

interface PromptsProps {
  language: CoachLanguage;
  onShown: (sentence: string) => void;
}

/** Sentences to read, one large and the next one below it; the arrow keys turn them. */
export function Prompts({ language, onShown }: PromptsProps) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const sentences = useQuery({
    queryKey: ["sentences", language],
    queryFn: async () =>
      (await expected(api.GET("/v1/coach/sentences", { params: { query: { language } } }))).sentences,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const all = sentences.data ?? [];
  const count = all.length;
  useEffect(() => {
    const turned = (event: KeyboardEvent) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by && count > 0) {
        setAt((now) => (now + by + count) % count);
      }
    };
    window.addEventListener("keydown", turned);
    return () => window.removeEventListener("keydown", turned);
  }, [count]);
  const shown = all[at] ?? "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: each sentence is told once, when it comes up
  useEffect(() => onShown(shown), [shown]);
  const turn = (by: number) => setAt((now) => (now + by + count) % count);
  return (
    <div className="prompts">
      <Trouble error={sentences.error} onRetry={() => void sentences.refetch()} />
      <p className="sentence" lang={language} aria-live="polite" data-testid="sentence">
        {shown}
      </p>
      {count > 1 && (
        <>
          <p className="upcoming" lang={language}>
            {all[(at + 1) % count]}
          </p>
          <div className="row">
            <Button look="bare" round aria-label={t("record.previous")} onPress={() => turn(-1)}>
              <ArrowLeft className="icon" aria-hidden />
            </Button>
            <span className="soft number small">
              {at + 1} / {count}
            </span>
            <Button look="quiet" onPress={() => turn(1)}>
              {t("record.next")}
              <ArrowRight className="icon" aria-hidden />
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
