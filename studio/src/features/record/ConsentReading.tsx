import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas, sendForm } from "../../api/client";
import type { Take } from "../../audio/recorder";
import { Button, Tick } from "../../ui/kit";
import { Notice, Trouble } from "../../ui/say";
import { Dial } from "./Dial";
import { useTake } from "./useTake";
import type { CoachLanguage } from "./wizard";

interface ConsentReadingProps {
  voiceId: string;
  language: CoachLanguage;
}

const LONGEST_SECONDS = 30;

/** Ask for a sentence, read it aloud, and see what was heard. Without it the voice stays in its account. */
export function ConsentReading({ voiceId, language }: ConsentReadingProps) {
  const { t } = useTranslation();
  const [share, setShare] = useState(true);
  const cache = useQueryClient();
  const take = useTake(null);
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
    onSuccess: () => void cache.invalidateQueries({ queryKey: ["consents"] }),
  });
  const finish = async () => {
    const done = await take.stop();
    if (done) {
      give.mutate(done);
    }
  };
  const again = () => {
    give.reset();
    challenge.mutate();
  };
  if (give.data?.accepted) {
    return <Notice>{t("consent.accepted")}</Notice>;
  }
  return (
    <section className="sheet stack" aria-labelledby="consent-title">
      <h2 id="consent-title">{t("consent.title")}</h2>
      <p className="soft">{t("consent.lead")}</p>
      {!challenge.data && (
        <>
          <Tick isSelected={share} onChange={setShare}>
            {t("consent.share")}
          </Tick>
          <Trouble error={challenge.error} />
          <div>
            <Button look="primary" isDisabled={challenge.isPending} onPress={() => challenge.mutate()}>
              {t("consent.ask")}
            </Button>
          </div>
        </>
      )}
      {challenge.data && (
        <div className="stage">
          <p className="sentence" lang={language} data-testid="challenge">
            {challenge.data.phrase}
          </p>
          {!give.data && !give.isError && (
            <Dial
              running={take.running}
              level={take.level}
              progress={Math.min(1, take.seconds / LONGEST_SECONDS)}
              seconds={take.seconds}
              onPress={() => void (take.running ? finish() : take.start())}
            />
          )}
          <div aria-live="polite" className="stack">
            <Trouble error={take.error ?? give.error} />
            {give.isPending && <p className="soft">{t("consent.listening")}</p>}
            {give.data && <Verdict consent={give.data} />}
            {(give.data || give.isError) && (
              <Button look="primary" onPress={again}>
                {t("consent.again")}
              </Button>
            )}
          </div>
        </div>
      )}
    </section>
  );
}

function Verdict({ consent }: { consent: Schemas["Consent"] }) {
  const { t } = useTranslation();
  return (
    <Notice tone="warn">
      <p>{t("consent.refused")}</p>
      <ul className="small soft" lang="en">
        {consent.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </Notice>
  );
}
