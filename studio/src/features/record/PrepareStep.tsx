import { Ear, type LucideIcon, Mic, Ruler, Smile, Sofa } from "lucide-react";
import { type Dispatch, type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";
import { Picker } from "../../ui/choose";
import { Button, Field, Segments } from "../../ui/kit";
import type { Plan } from "./RecordPage";
import { UploadButton } from "./UploadButton";
import type { CoachLanguage, Move } from "./wizard";

interface PrepareStepProps {
  plan: Plan;
  onPlan: (plan: Plan) => void;
  move: Dispatch<Move>;
}

const TIPS: readonly (readonly [LucideIcon, string])[] = [
  [Sofa, "room"],
  [Ruler, "distance"],
  [Smile, "natural"],
  [Ear, "alone"],
];

export function PrepareStep({ plan, onPlan, move }: PrepareStepProps) {
  const { t } = useTranslation();
  const tips = useId();
  const begin = (event: FormEvent) => {
    event.preventDefault();
    move({ type: "begin" });
  };
  const read = (files: readonly File[]) => {
    const [first] = files;
    if (first && plan.name.trim() === "") {
      onPlan({ ...plan, name: first.name.replace(/\.\w+$/, "").slice(0, 100) });
    }
    for (const file of files) {
      move({ type: "recorded", piece: { name: file.name, blob: file, report: null } });
    }
  };
  return (
    <div className="halves">
      <form className="sheet stack" onSubmit={begin}>
        <Field
          label={t("record.name")}
          value={plan.name}
          onChange={(name) => onPlan({ ...plan, name })}
          placeholder={t("record.namePlaceholder")}
          isRequired
          maxLength={100}
        />
        <Picker<CoachLanguage>
          label={t("record.language")}
          value={plan.language}
          onChange={(language) => onPlan({ ...plan, language })}
          choices={(["zh", "en", "ja"] as const).map((id) => ({ id, label: t(`languages.${id}`) }))}
        />
        <div className="field">
          <span className="field-label">{t("record.how")}</span>
          <Segments<"guided" | "free">
            label={t("record.how")}
            value={plan.guided ? "guided" : "free"}
            onChange={(how) => onPlan({ ...plan, guided: how === "guided" })}
            choices={[
              { id: "guided", label: t("record.guided") },
              { id: "free", label: t("record.freely") },
            ]}
          />
        </div>
        <div className="row">
          <Button look="primary" type="submit">
            <Mic className="icon" aria-hidden />
            {t("record.toMicrophone")}
          </Button>
          <UploadButton onFiles={read} />
        </div>
      </form>
      <section className="stack tips" aria-labelledby={tips}>
        <h2 id={tips}>{t("record.tipsTitle")}</h2>
        <ul className="stack">
          {TIPS.map(([Icon, tip]) => (
            <li key={tip}>
              <Icon className="icon" aria-hidden />
              <span>{t(`record.tips.${tip}`)}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
