import { useReducer, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { Head } from "../../ui/say";
import { ConsentStep } from "./ConsentStep";
import { PrepareStep } from "./PrepareStep";
import { ReadStep } from "./ReadStep";
import { ReviewStep } from "./ReviewStep";
import { type CoachLanguage, moved, opening, STEPS } from "./wizard";

export interface Plan {
  name: string;
  language: CoachLanguage;
  guided: boolean;
}

export function RecordPage() {
  const { t, i18n } = useTranslation();
  const { voiceId = null } = useParams();
  const [wizard, move] = useReducer(moved, voiceId, opening);
  const [plan, setPlan] = useState<Plan>({
    name: "",
    language: i18n.language === "en" ? "en" : "zh",
    guided: true,
  });
  const at = STEPS.indexOf(wizard.step);
  return (
    <>
      <Head title={t("record.title")}>{t("record.lead")}</Head>
      <ol className="steps">
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
      {wizard.step === "prepare" && (
        <PrepareStep
          plan={plan}
          onPlan={setPlan}
          onBegin={() => move({ type: "begin" })}
          onFile={(piece) => move({ type: "recorded", piece })}
        />
      )}
      {wizard.step === "read" && (
        <ReadStep
          language={plan.language}
          guided={plan.guided}
          onTake={(take) => {
            const name = t("record.takeName", { number: wizard.pieces.length + 1 });
            move({ type: "recorded", piece: { name, blob: new Blob([take.file], { type: "audio/wav" }) } });
          }}
        />
      )}
      {wizard.step === "review" && <ReviewStep plan={plan} wizard={wizard} move={move} />}
      {wizard.step === "consent" && wizard.voiceId && wizard.jobId && (
        <ConsentStep voiceId={wizard.voiceId} jobId={wizard.jobId} language={plan.language} />
      )}
    </>
  );
}
