import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas, sendForm } from "../../api/client";
import type { Take } from "../../audio/recorder";
import { Bar, Button, Tick } from "../../ui/kit";
import { codeOf, Notice, Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Dial } from "./Dial";
import { useTake } from "./useTake";
import type { CoachLanguage } from "./wizard";

interface ConsentReadingProps {
  voiceId: string;
  language: CoachLanguage;
  onGiven?: () => void;
}

const LONGEST_SECONDS = 30;

/** Ask for a sentence, read it aloud, and see what was heard. Without it the voice stays in its account. */
export function ConsentReading({ voiceId, language, onGiven }: ConsentReadingProps) {
  const { t } = useTranslation();
  const [share, setShare] = useState(true);
  const cache = useQueryClient();
  const tell = useTell();
  const challenge = useMutation({
    mutationFn: () =>
      expected(
        api.POST("/v1/consents/challenges", {
          body: { language, scopes: share ? ["synthesis", "share"] : ["synthesis"] },
        }),
      ),
  });
  const give = useMutation({
    mutationFn: ({ file }: Take) => {
      const form = new FormData();
      form.set("recording", new Blob([file], { type: "audio/wav" }), "consent.wav");
      const query = new URLSearchParams({ challenge_id: challenge.data?.id ?? "" });
      return sendForm<Schemas["Consent"]>(`/v1/voices/${voiceId}/consents?${query}`, form);
    },
    onSuccess: (consent) => {
      if (consent.accepted) {
        tell(t("consent.accepted"), "aloud");
        onGiven?.();
      }
      void cache.invalidateQueries({ queryKey: ["consents"] });
    },
  });
  // What was read is still here: only a sentence that is spent must be read anew.
  const resend = () => give.variables && give.mutate(give.variables);
  const spent = give.isError && codeOf(give.error) === "challenge_spent";
  const again = () => {
    give.reset();
    challenge.mutate();
  };
  const stage = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new sentence is shown whole, with the microphone
  useEffect(() => {
    // Newer browsers return a promise here, which is no way to clean up.
    stage.current?.scrollIntoView({ block: "nearest" });
  }, [challenge.data?.id]);
  if (give.data?.accepted) {
    return (
      <section aria-label={t("consent.heading")} tabIndex={-1}>
        <Notice>{t("consent.accepted")}</Notice>
      </section>
    );
  }
  return (
    <section className="sheet stack" aria-labelledby="consent-title" tabIndex={-1}>
      <h2 id="consent-title">{t("consent.title")}</h2>
      {!challenge.data && <p className="soft">{t("consent.lead")}</p>}
      <Trouble error={challenge.error} />
      {challenge.data ? (
        <div className="stage bare" ref={stage}>
          <p className="sentence" lang={language} data-testid="challenge">
            {challenge.data.phrase}
          </p>
          {give.isIdle && <Reading key={challenge.data.id} onTake={(take) => give.mutate(take)} />}
          <div aria-live="polite" className="advice stack">
            {give.isPending && <Bar label={t("consent.listening")} value={null} />}
            <Trouble error={give.error} {...(!spent && { onRetry: resend })} />
            {give.data && <Doubts consent={give.data} />}
          </div>
          {(give.data || give.isError) && (
            <Button
              look={give.data || spent ? "primary" : "quiet"}
              isPending={challenge.isPending}
              onPress={again}
            >
              {t("consent.again")}
            </Button>
          )}
        </div>
      ) : (
        <>
          <Tick isSelected={share} onChange={setShare}>
            {t("consent.share")}
          </Tick>
          <div>
            <Button look="primary" isPending={challenge.isPending} onPress={() => challenge.mutate()}>
              {t("consent.ask")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

/** The microphone for one sentence. */
function Reading({ onTake }: { onTake: (take: Take) => void }) {
  const { t } = useTranslation();
  const take = useTake(null);
  const over = take.seconds >= LONGEST_SECONDS || take.cut;
  const { running, stop } = take;
  const finish = async () => {
    const done = await stop();
    if (done) {
      onTake(done);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it ends once, when the time is over
  useEffect(() => {
    if (over && running) {
      void finish();
    }
  }, [over, running]);
  return (
    <>
      <Dial
        take={take}
        progress={Math.min(1, take.seconds / LONGEST_SECONDS)}
        onPress={() => void (running ? finish() : take.start())}
      />
      <div aria-live="polite">
        {take.asking && <p className="soft">{t("record.asking")}</p>}
        <Trouble error={take.error} />
      </div>
    </>
  );
}

function Doubts({ consent }: { consent: Schemas["Consent"] }) {
  const { t } = useTranslation();
  return (
    <Notice tone="warn">
      <p>
        <strong>{t("consent.refused")}</strong>
      </p>
      <ul>
        {consent.doubts.map((doubt) => (
          <li key={doubt}>{t(`doubts.${doubt}`)}</li>
        ))}
      </ul>
    </Notice>
  );
}
