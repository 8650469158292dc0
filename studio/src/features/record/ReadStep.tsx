import { type Dispatch, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { foremost } from "../../api/report";
import { Bar, Button } from "../../ui/kit";
import { Notice, Trouble } from "../../ui/say";
import { Dial } from "./Dial";
import { Heard } from "./Heard";
import { Prompts } from "./Prompts";
import { UploadButton } from "./UploadButton";
import { useTake } from "./useTake";
import type { CoachLanguage, Move } from "./wizard";

interface ReadStepProps {
  language: CoachLanguage;
  guided: boolean;
  /** The number of the take that begins here. */
  next: number;
  canGoBack: boolean;
  onRunning: (running: boolean) => void;
  move: Dispatch<Move>;
}

export function ReadStep({ language, guided, next, canGoBack, onRunning, move }: ReadStepProps) {
  const { t, i18n } = useTranslation();
  const take = useTake(language);
  useEffect(() => {
    onRunning(take.running);
    return () => onRunning(false);
  }, [take.running, onRunning]);
  const finish = async () => {
    const done = await take.stop();
    if (done) {
      const blob = new Blob([done.file], { type: "audio/wav" });
      const name = t("record.takeName", { number: next });
      move({ type: "recorded", piece: { name, blob, report: take.report } });
    }
  };
  const upload = (files: readonly File[]) => {
    for (const file of files) {
      move({ type: "recorded", piece: { name: file.name, blob: file, report: null } });
    }
  };
  const progress = take.report?.progress ?? 0;
  const advice = foremost(take.report, i18n.language);
  const cheer = progress >= 1 ? "record.enough" : take.report ? "record.fine" : "record.listening";
  return (
    <section className="sheet stage" aria-label={t("record.readTitle")}>
      {guided ? <Prompts language={language} /> : <p className="sentence">{t("record.free")}</p>}
      <Dial take={take} progress={progress} onPress={() => void (take.running ? finish() : take.start())} />
      <div className="advice stack tight">
        <Trouble error={take.error} />
        {take.running && (
          <Bar
            label={t("record.goodMinute")}
            value={progress}
            note={t("record.speech", { seconds: Math.round(take.report?.net_speech_s ?? 0) })}
          />
        )}
        <p className={advice ? "" : "soft"} aria-live="polite">
          {take.asking && t("record.asking")}
          {take.running && (advice || t(cheer))}
          {!take.asking && !take.running && !take.error && t("record.before")}
        </p>
      </div>
      {take.running && <Heard report={take.report} />}
      {take.coachLost && <Notice tone="warn">{t("record.coachLost")}</Notice>}
      {!take.running && !take.asking && (
        <div className="row center">
          {canGoBack && (
            <Button look="bare" onPress={() => move({ type: "back" })}>
              {t("common.back")}
            </Button>
          )}
          <UploadButton onFiles={upload} />
        </div>
      )}
    </section>
  );
}
