import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import { foremost, gravity, type Report } from "../../api/report";
import type { Take } from "../../audio/recorder";
import { Bar, Button } from "../../ui/kit";
import { Notice, Trouble } from "../../ui/say";
import { Dial } from "./Dial";
import { useTake } from "./useTake";
import type { CoachLanguage } from "./wizard";

interface ReadStepProps {
  language: CoachLanguage;
  guided: boolean;
  onTake: (take: Take, report: Report | null) => void;
}

const TELLING = [
  "level",
  "loudness",
  "snr",
  "clipping",
  "reverberation",
  "bandwidth",
  "speaking_rate",
  "other_speaker",
];

export function ReadStep({ language, guided, onTake }: ReadStepProps) {
  const { t, i18n } = useTranslation();
  const take = useTake(language);
  const finish = async () => {
    const done = await take.stop();
    if (done) {
      onTake(done, take.report);
    }
  };
  const progress = take.report?.progress ?? 0;
  const advice = foremost(take.report, i18n.language);
  return (
    <section className="sheet stage" aria-label={t("record.readTitle")}>
      {guided ? <Prompts language={language} /> : <p className="sentence">{t("record.free")}</p>}
      <Dial
        running={take.running}
        level={take.level}
        progress={progress}
        seconds={take.seconds}
        onPress={() => void (take.running ? finish() : take.start())}
      />
      <div className="advice stack tight" aria-live="polite">
        <Trouble error={take.error} />
        {take.running && (
          <>
            <Bar
              label={t("record.goodMinute")}
              value={progress}
              note={t("record.speech", { seconds: Math.round(take.report?.net_speech_s ?? 0) })}
            />
            <p className={advice ? "" : "soft"}>
              {advice || t(take.report ? "record.fine" : "record.listening")}
            </p>
          </>
        )}
        {!take.running && !take.error && <p className="soft">{t("record.before")}</p>}
      </div>
      {take.running && <Heard report={take.report} />}
      {take.coachLost && <Notice tone="warn">{t("record.coachLost")}</Notice>}
    </section>
  );
}

function Heard({ report }: { report: Report | null }) {
  const { t, i18n } = useTranslation();
  const shown = report?.checks.filter((check) => gravity(check) > 0 || TELLING.includes(check.id)) ?? [];
  return (
    <ul className="chips">
      {shown.map((check) => {
        const number = check.value?.toLocaleString(i18n.language, { maximumFractionDigits: 1 }) ?? "–";
        return (
          <li key={check.id} className={`badge ${["good", "warn", "bad"][gravity(check)]}`}>
            {t(`checks.${check.id}`, check.id)}
            <span className="number">
              {number} {check.unit}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Prompts({ language }: { language: CoachLanguage }) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const sentences = useQuery({
    queryKey: ["sentences", language],
    queryFn: async () =>
      (await expected(api.GET("/v1/coach/sentences", { params: { query: { language } } }))).sentences,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const all = sentences.data ?? [];
  const turn = (by: number) => setAt((now) => (now + by + all.length) % all.length);
  return (
    <div className="stack" style={{ justifyItems: "center" }}>
      <Trouble error={sentences.error} />
      <p className="sentence" lang={language} aria-live="polite" data-testid="sentence">
        {all[at] ?? ""}
      </p>
      {all.length > 1 && (
        <div className="row">
          <Button look="bare" round aria-label={t("record.previous")} onPress={() => turn(-1)}>
            <ArrowLeft className="icon" aria-hidden />
          </Button>
          <span className="soft number small">
            {at + 1} / {all.length}
          </span>
          <Button look="quiet" onPress={() => turn(1)}>
            {t("record.next")}
            <ArrowRight className="icon" aria-hidden />
          </Button>
        </div>
      )}
    </div>
  );
}
