import { Mic, Upload } from "lucide-react";
import { type FormEvent, useId } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, Field, Picker, Segments } from "../../ui/kit";
import type { Plan } from "./RecordPage";
import type { CoachLanguage, Piece } from "./wizard";

interface PrepareStepProps {
  plan: Plan;
  onPlan: (plan: Plan) => void;
  onBegin: () => void;
  onFile: (piece: Piece) => void;
}

const TYPES = ["audio/*", ".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".webm"];

export function PrepareStep({ plan, onPlan, onBegin, onFile }: PrepareStepProps) {
  const { t } = useTranslation();
  const tips = useId();
  const begin = (event: FormEvent) => {
    event.preventDefault();
    onBegin();
  };
  const read = (files: FileList | null) => {
    for (const file of files ?? []) {
      onFile({ name: file.name, blob: file });
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
          <FileTrigger acceptedFileTypes={TYPES} allowsMultiple onSelect={read}>
            <Button isDisabled={plan.name.trim() === ""}>
              <Upload className="icon" aria-hidden />
              {t("record.upload")}
            </Button>
          </FileTrigger>
        </div>
      </form>
      <section className="stack" aria-labelledby={tips} style={{ padding: "0.5rem 0.25rem" }}>
        <h2 id={tips}>{t("record.tipsTitle")}</h2>
        <ol className="stack tight soft">
          {(["room", "distance", "natural", "alone"] as const).map((tip) => (
            <li key={tip}>{t(`record.tips.${tip}`)}</li>
          ))}
        </ol>
      </section>
    </div>
  );
}
