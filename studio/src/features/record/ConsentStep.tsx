import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Dispatch, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { follow } from "../../api/jobs";
import { Refusal } from "../../api/problem";
import { useVoice, type Voice, versionsOf } from "../../api/voices";
import { Bar } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Trouble } from "../../ui/say";
import { LeftOut } from "../voices/Advice";
import { useConsent } from "../voices/consents";
import { Refused } from "../voices/Refused";
import type { Names } from "../voices/recordings";
import { GradeBadge, VoicePrint } from "../voices/VoiceBadge";
import { ConsentReading } from "./ConsentReading";
import type { CoachLanguage, Move } from "./wizard";

interface ConsentStepProps {
  voiceId: string;
  jobId: string;
  names: Names;
  language: CoachLanguage;
  move: Dispatch<Move>;
}

/** While the voice is being made, its speaker reads the sentence of consent. */
export function ConsentStep({ voiceId, jobId, names, language, move }: ConsentStepProps) {
  const making = useMaking(jobId);
  const voice = useVoice(voiceId);
  const consent = useConsent(voiceId);
  const [given, setGiven] = useState(false);
  const failed = making.error instanceof Refusal ? making.error : null;
  const refused = failed !== null || making.refused;
  return (
    <div className="stack">
      <section className="sheet stack" aria-live="polite">
        {refused && voice.data ? (
          <Refused
            voice={voice.data}
            error={failed}
            names={names}
            onAgain={({ id }) => move({ type: "again", jobId: id })}
          />
        ) : making.error ? (
          <Trouble error={making.error} onRetry={making.again} />
        ) : (
          <Made
            voice={voice.data}
            names={names}
            progress={making.done ? 1 : Math.min(making.progress, NEARLY)}
          />
        )}
      </section>
      {!refused && (!consent || given) && (
        <ConsentReading voiceId={voiceId} language={language} onGiven={() => setGiven(true)} />
      )}
    </div>
  );
}

/** The voice as it comes to be. */
function Made({ voice, names, progress }: { voice: Voice | undefined; names: Names; progress: number }) {
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
          <LeftOut voiceId={voice.id} report={voice.report} names={names} />
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

/** A job that has ended may still have refused the recordings. */
const NEARLY = 0.99;
const BEGUN = { progress: 0, done: false, refused: false, error: null as unknown };

function useMaking(jobId: string) {
  const cache = useQueryClient();
  const [state, setState] = useState(BEGUN);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt listens anew
  useEffect(() => {
    const leaving = new AbortController();
    // What there is of the voice now is read before it is said that it is ready, or why it is not.
    const renew = () => cache.invalidateQueries({ queryKey: ["voices"] });
    setState(BEGUN);
    const change = (part: Partial<typeof BEGUN>) =>
      leaving.signal.aborted || setState((now) => ({ ...now, ...part }));
    follow(jobId, ({ progress }) => change({ progress }), leaving.signal)
      .then(async ({ result }) => {
        await renew();
        change({ progress: 1, done: true, refused: result?.accepted === false });
      })
      .catch(async (error: unknown) => {
        await renew();
        change({ error });
      });
    return () => leaving.abort();
  }, [jobId, cache, attempt]);
  return { ...state, again: () => setAttempt((now) => now + 1) };
}
