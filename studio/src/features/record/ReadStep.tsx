import { type Dispatch, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { foremost, type Report } from "../../api/report";
import { Bar, Button } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Dial } from "./Dial";
import { Heard } from "./Heard";
import { Prompts } from "./Prompts";
import { UploadButton } from "./UploadButton";
import { useTake } from "./useTake";
import type { CoachLanguage, Move } from "./wizard";
import { linesOf, type Shown } from "./words";

interface ReadStepProps {
  language: CoachLanguage;
  guided: boolean;
  /** The number of the take that begins here. */
  next: number;
  canGoBack: boolean;
  onRunning: (running: boolean) => void;
  move: Dispatch<Move>;
}

/** Seconds without a word after which something is amiss. */
const PATIENCE_SECONDS = 4;

export function ReadStep({ language, guided, next, canGoBack, onRunning, move }: ReadStepProps) {
  const { t, i18n } = useTranslation();
  const tell = useTell();
  const take = useTake(language);
  useEffect(() => {
    onRunning(take.running);
    return () => onRunning(false);
  }, [take.running, onRunning]);
  const shown = useRef<Shown[]>([]);
  const seconds = take.running ? take.seconds : 0;
  const show = (text: string) => {
    shown.current = take.running ? [...shown.current, { text, at: seconds }] : [{ text, at: 0 }];
  };
  const finish = async () => {
    const done = await take.stop();
    if (done) {
      const words = linesOf(shown.current, seconds);
      shown.current = shown.current.slice(-1).map(({ text }) => ({ text, at: 0 }));
      const blob = new Blob([done.file], { type: "audio/wav" });
      const name = t("record.takeName", { number: next });
      move({ type: "recorded", piece: { name, blob, report: take.report, words } });
      const report = await done.last;
      if (report) {
        move({ type: "heard", blob, report });
      }
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it ends once, when the microphone is gone
  useEffect(() => {
    if (take.cut) {
      tell(t("record.cut"));
      void finish();
    }
  }, [take.cut]);
  const upload = (files: readonly File[]) => {
    for (const file of files) {
      move({ type: "recorded", piece: { name: file.name, blob: file, report: null } });
    }
  };
  const progress = take.report?.progress ?? 0;
  const unheard = take.report?.net_speech_s === 0 && take.seconds > PATIENCE_SECONDS;
  const alarm = (take.coachLost && t("record.coachLost")) || (unheard && t("record.unheard"));
  const advice = alarm || foremost(take.report, i18n.language);
  return (
    <section className="sheet stage" aria-label={t("record.readTitle")}>
      {guided ? (
        <Prompts language={language} onShown={show} />
      ) : (
        <p className="sentence">{t("record.free")}</p>
      )}
      <Dial take={take} progress={progress} onPress={() => void (take.running ? finish() : take.start())} />
      <div className="advice stack tight">
        <Trouble error={take.error} />
        {take.running && !take.coachLost && (
          <Bar
            label={t("record.goodMinute")}
            value={progress}
            note={t("record.speech", { seconds: Math.round(take.report?.net_speech_s ?? 0) })}
          />
        )}
        <p className={advice ? "" : "soft"} aria-live="polite">
          {take.asking && t("record.asking")}
          {take.running && (advice || t(cheerOf(take.report)))}
          {!take.asking && !take.running && !take.error && t("record.before")}
        </p>
      </div>
      {take.running && <Heard report={take.report} />}
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

/** What is said to somebody who reads well. */
function cheerOf(report: Report | null): string {
  if (!report || report.net_speech_s === 0) {
    return "record.listening";
  }
  return (report.progress ?? 0) >= 1 ? "record.enough" : "record.fine";
}
