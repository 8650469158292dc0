import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { follow } from "../../api/jobs";
import { Refusal } from "../../api/problem";
import { useVoice, type Voice, versionsOf } from "../../api/voices";
import { Bar } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Notice, Trouble } from "../../ui/say";
import { Advice } from "../voices/Advice";
import { useConsent } from "../voices/consents";
import { GradeBadge, VoicePrint } from "../voices/VoiceBadge";
import { ConsentReading } from "./ConsentReading";
import type { CoachLanguage } from "./wizard";

interface ConsentStepProps {
  voiceId: string;
  jobId: string;
  language: CoachLanguage;
}

/** While the voice is being made, its speaker reads the sentence of consent. */
export function ConsentStep({ voiceId, jobId, language }: ConsentStepProps) {
  const making = useMaking(jobId);
  const voice = useVoice(voiceId);
  const consent = useConsent(voiceId);
  const [given, setGiven] = useState(false);
  const rejected = voice.data?.state === "rejected";
  return (
    <div className="stack">
      <section className="sheet stack" aria-live="polite">
        {rejected ? (
          <Refused voice={voice.data as Voice} />
        ) : making.error ? (
          <Trouble error={making.error} {...(making.broken && { onRetry: making.again })} />
        ) : (
          <Made voice={voice.data} progress={making.done ? 1 : making.progress} />
        )}
      </section>
      {!rejected && (!consent || given) && (
        <ConsentReading voiceId={voiceId} language={language} onGiven={() => setGiven(true)} />
      )}
    </div>
  );
}

/** The voice as it comes to be. */
function Made({ voice, progress }: { voice: Voice | undefined; progress: number }) {
  const { t } = useTranslation();
  const ready = progress >= 1 && voice?.state === "ready";
  // More recordings of a voice that speaks make a version that is compared before it replaces anything.
  const versions = useQuery({ ...versionsOf(voice?.id ?? ""), enabled: ready });
  const further = versions.data?.some(({ state }) => state === "candidate");
  return (
    <div className="made">
      {voice && <VoicePrint id={voice.id} />}
      {ready ? (
        <>
          <h2>{t(further ? "record.extended" : "record.made", { name: voice.name })}</h2>
          <GradeBadge grade={voice.grade ?? null} />
          <div className="row center">
            {further && (
              <LinkButton to={`/voices/${voice.id}#likeness`} look="primary">
                {t("record.toCompare")}
              </LinkButton>
            )}
            <LinkButton to={`/speak?voice=${voice.id}`} look={further ? "quiet" : "primary"}>
              {t("record.toSpeak")}
            </LinkButton>
            {!further && <LinkButton to={`/voices/${voice.id}`}>{t("record.toVoice")}</LinkButton>}
          </div>
        </>
      ) : (
        <Bar label={t("record.making")} value={progress > 0 ? progress : null} />
      )}
    </div>
  );
}

function Refused({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  return (
    <>
      <Notice tone="bad">
        <p>{t("record.rejected")}</p>
      </Notice>
      <Advice report={voice.report} />
      <div className="row">
        <LinkButton to={`/record/${voice.id}`} look="primary" reload>
          {t("record.again")}
        </LinkButton>
        <LinkButton to={`/voices/${voice.id}`}>{t("record.toVoice")}</LinkButton>
      </div>
    </>
  );
}

function useMaking(jobId: string) {
  const cache = useQueryClient();
  const [state, setState] = useState({ progress: 0, done: false, error: null as unknown });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt listens anew
  useEffect(() => {
    const leaving = new AbortController();
    setState((now) => ({ ...now, error: null }));
    follow(jobId, (job) => setState((now) => ({ ...now, progress: job.progress })), leaving.signal)
      .then(() => setState({ progress: 1, done: true, error: null }))
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) {
          setState((now) => ({ ...now, error }));
        }
      })
      .finally(() => void cache.invalidateQueries({ queryKey: ["voices"] }));
    return () => leaving.abort();
  }, [jobId, cache, attempt]);
  // A job that failed has failed; one that is only not heard of any more may still be asked after.
  const broken = !(state.error instanceof Refusal);
  return { ...state, broken, again: () => setAttempt((now) => now + 1) };
}
