import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { follow } from "../../api/jobs";
import { useVoice } from "../../api/voices";
import { Bar } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Notice, Trouble } from "../../ui/say";
import { Advice } from "../voices/Advice";
import { ConsentReading } from "./ConsentReading";
import type { CoachLanguage } from "./wizard";

interface ConsentStepProps {
  voiceId: string;
  jobId: string;
  language: CoachLanguage;
}

/** While the voice is being made, its speaker reads the sentence of consent. */
export function ConsentStep({ voiceId, jobId, language }: ConsentStepProps) {
  const { t } = useTranslation();
  const making = useMaking(jobId);
  const voice = useVoice(voiceId);
  const rejected = voice.data?.state === "rejected";
  return (
    <div className="stack">
      <section className="sheet stack" aria-live="polite">
        {!making.done && !making.error && <Bar label={t("record.making")} value={making.progress} />}
        {making.done && !rejected && (
          <Notice>
            <p>{t("record.made", { name: voice.data?.name ?? "" })}</p>
          </Notice>
        )}
        {rejected && (
          <>
            <Notice tone="bad">
              <p>{t("record.rejected")}</p>
            </Notice>
            <Advice report={voice.data?.report} />
            <div>
              <LinkButton to={`/record/${voiceId}`} look="primary" reload>
                {t("record.again")}
              </LinkButton>
            </div>
          </>
        )}
        <Trouble error={making.error} />
      </section>
      {!rejected && <ConsentReading voiceId={voiceId} language={language} />}
      <div className="row">
        {making.done && !rejected && (
          <LinkButton to={`/speak?voice=${voiceId}`} look="primary">
            {t("record.toSpeak")}
          </LinkButton>
        )}
        <LinkButton to={`/voices/${voiceId}`}>{t("record.toVoice")}</LinkButton>
      </div>
    </div>
  );
}

function useMaking(jobId: string) {
  const [state, setState] = useState({ progress: 0, done: false, error: null as unknown });
  useEffect(() => {
    const leaving = new AbortController();
    follow(jobId, (job) => setState((now) => ({ ...now, progress: job.progress })), leaving.signal)
      .then(() => setState({ progress: 1, done: true, error: null }))
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) {
          setState((now) => ({ ...now, error }));
        }
      });
    return () => leaving.abort();
  }, [jobId]);
  return state;
}
