import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Voice } from "../../api/voices";
import { Bars } from "../../ui/Bars";
import { type Live, Wave } from "../../ui/Wave";
import { foreseen } from "./highlight";
import { SpokenText } from "./SpokenText";
import { UtteranceActions } from "./UtteranceActions";
import type { Spoken, useSpeech } from "./useSpeech";

interface ResultProps {
  speech: ReturnType<typeof useSpeech>;
  spoken: Spoken;
  voice: Voice | null;
}

/** What is being said or was said: its text in step with the sound, and what can be done with it. */
export function Result({ speech, spoken, voice }: ResultProps) {
  const { t } = useTranslation();
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    section.current?.scrollIntoView({ block: "nearest", behavior: still ? "instant" : "smooth" });
  }, []);
  const [replay, setReplay] = useState<number | null>(null);
  const done = speech.phase === "done";
  const name = voice?.name ?? "";
  const whole = Math.max(spoken.seconds, foreseen(spoken.text, spoken.marks), 1);
  const live: Live = {
    bars: <Bars peaks={spoken.peaks} known={spoken.seconds / whole} heard={speech.heard / whole} />,
    playing: speech.playing,
    now: speech.heard,
    length: spoken.seconds,
    whole,
    toggle: speech.toggle,
    seek: speech.seek,
  };
  return (
    <section
      ref={section}
      className="sheet stack result"
      aria-label={t("speak.result")}
      aria-busy={speech.phase === "starting"}
    >
      <SpokenText text={spoken.text} marks={spoken.marks} seconds={done ? replay : speech.heard} />
      <Wave
        audio={spoken.file}
        label={name}
        live={done ? null : live}
        onTime={(seconds) => setReplay(seconds > 0 ? seconds : null)}
      />
      <p className="small soft number">
        {speech.phase === "starting" && t("speak.starting")}
        {spoken.firstSoundMs !== null && t("speak.first", { ms: Math.round(spoken.firstSoundMs) })}
        {done && spoken.generationId === null && ` · ${t("speak.notKept")}`}
      </p>
      {spoken.generationId && (
        <UtteranceActions
          key={spoken.generationId}
          id={spoken.generationId}
          voice={voice}
          name={name}
          {...(spoken.file && { file: spoken.file })}
        />
      )}
    </section>
  );
}
