import { useEffect, useReducer, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { Refusal } from "../../api/problem";
import { useVoice } from "../../api/voices";
import { LinkButton } from "../../ui/LinkButton";
import { Head, Trouble, Waiting } from "../../ui/say";
import { ConsentStep } from "./ConsentStep";
import { KeepHere } from "./KeepHere";
import { PrepareStep } from "./PrepareStep";
import { ReadStep } from "./ReadStep";
import { ReviewStep } from "./ReviewStep";
import { type CoachLanguage, moved, opening, STEPS, unsent } from "./wizard";

export interface Plan {
  name: string;
  language: CoachLanguage;
  guided: boolean;
}

/** Who may speak with a voice of another may not record for it. */
const NOT_OURS = new Refusal(404, "not_found", "");

export default function RecordPage() {
  const { voiceId = null } = useParams();
  // Another voice is another beginning.
  return voiceId === null ? <Way key="new" voiceId={null} /> : <Further key={voiceId} voiceId={voiceId} />;
}

/** More recordings of a voice of one's own, in its language. */
function Further({ voiceId }: { voiceId: string }) {
  const { t } = useTranslation();
  const { data, error, isPending } = useVoice(voiceId);
  if (data?.owned) {
    return (
      <Way
        voiceId={voiceId}
        name={data.name}
        {...(data.language !== "auto" && { language: data.language })}
      />
    );
  }
  return (
    <>
      <Head title={t("record.title")} />
      {isPending ? (
        <Waiting />
      ) : (
        <Trouble error={error ?? NOT_OURS} words={{ not_found: t("voice.notFound") }}>
          <LinkButton to="/voices">{t("voice.toAll")}</LinkButton>
        </Trouble>
      )}
    </>
  );
}

interface WayProps {
  voiceId: string | null;
  name?: string;
  /** What is read; in place of it, what the page is read in. */
  language?: CoachLanguage;
}

function Way({ voiceId, name, language }: WayProps) {
  const { t, i18n } = useTranslation();
  const [wizard, move] = useReducer(moved, voiceId, opening);
  const [plan, setPlan] = useState<Plan>({
    name: "",
    language: language ?? (i18n.language === "en" ? "en" : "zh"),
    guided: true,
  });
  const [recording, setRecording] = useState(false);
  const steps = useStepFocus(wizard.step);
  const at = STEPS.indexOf(wizard.step);
  return (
    <>
      <Head title={name ? t("record.further", { name }) : t("record.title")}>
        {wizard.step === "prepare" && t("record.lead")}
      </Head>
      <ol className="steps" aria-label={t("record.way")} ref={steps} tabIndex={-1}>
        {STEPS.map((step, index) => (
          <li
            key={step}
            className={index < at ? "past" : ""}
            aria-current={index === at ? "step" : undefined}
          >
            {t(`record.steps.${step}`)}
          </li>
        ))}
      </ol>
      <KeepHere when={recording || unsent(wizard)} />
      {wizard.step === "prepare" && <PrepareStep plan={plan} onPlan={setPlan} move={move} />}
      {wizard.step === "read" && (
        <ReadStep
          language={plan.language}
          guided={plan.guided}
          next={wizard.taken + 1}
          canGoBack={voiceId === null || wizard.pieces.length > 0}
          onRunning={setRecording}
          move={move}
        />
      )}
      {wizard.step === "review" && <ReviewStep plan={plan} wizard={wizard} move={move} />}
      {wizard.step === "consent" && wizard.voiceId && wizard.jobId && (
        <ConsentStep
          voiceId={wizard.voiceId}
          jobId={wizard.jobId}
          names={wizard.names}
          language={plan.language}
          move={move}
        />
      )}
    </>
  );
}

/** After a step the button that was pressed is gone: the keyboard goes on at the list of steps. */
function useStepFocus(step: string) {
  const list = useRef<HTMLOListElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) {
      shown.current = step;
      list.current?.focus({ preventScroll: true });
    }
  }, [step]);
  return list;
}
