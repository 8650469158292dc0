import { Play, Square } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearchParams } from "react-router";
import type { Schemas } from "../../api/client";
import { speaks, useVoices, type Voice } from "../../api/voices";
import { Button, Picker, Slide, Tick } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Head, Trouble } from "../../ui/say";
import { Wave } from "../../ui/Wave";
import { LiveWave } from "./LiveWave";
import { SpokenText } from "./SpokenText";
import { UtteranceActions } from "./UtteranceActions";
import { type Spoken, useSpeech } from "./useSpeech";

type Language = Schemas["Language"];

const LONGEST_TEXT = 5000;

export function SpeakPage() {
  const { t } = useTranslation();
  const voices = useVoices();
  const ready = voices.data?.filter(speaks);
  return (
    <>
      <Head title={t("speak.title")}>{t("speak.lead")}</Head>
      <Trouble error={voices.error} />
      {ready?.length === 0 && (
        <Empty
          title={t("speak.noVoiceTitle")}
          action={
            <LinkButton to="/record" look="primary">
              {t("voices.new")}
            </LinkButton>
          }
        >
          {t("speak.noVoice")}
        </Empty>
      )}
      {ready && ready.length > 0 && <Desk voices={ready} />}
    </>
  );
}

function Desk({ voices }: { voices: Voice[] }) {
  const { t } = useTranslation();
  const [query] = useSearchParams();
  const again = useLocation().state as { text?: string } | null;
  const [text, setText] = useState(again?.text ?? "");
  const asked = query.get("voice");
  const [voice, setVoice] = useState(voices.find((one) => one.id === asked)?.id ?? voices[0]?.id ?? "");
  const [language, setLanguage] = useState<Language>("auto");
  const [speed, setSpeed] = useState(1);
  const [thorough, setThorough] = useState(false);
  const speech = useSpeech();
  const speaking = speech.phase === "speaking";
  const say = () => void speech.start({ text, voice, language, thorough, controls: { speed } });
  return (
    <div className="stack wide">
      <div className="desk">
        <div className="writing">
          <textarea
            aria-label={t("speak.text")}
            placeholder={t("speak.placeholder")}
            value={text}
            maxLength={LONGEST_TEXT}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && text.trim()) {
                say();
              }
            }}
          />
          <div className="foot">
            <span className="small soft number">{t("speak.length", { count: Array.from(text).length })}</span>
            {speaking ? (
              <Button look="record" onPress={speech.stop}>
                <Square className="icon" aria-hidden />
                {t("speak.stop")}
              </Button>
            ) : (
              <Button look="primary" isDisabled={text.trim() === ""} onPress={say}>
                <Play className="icon" aria-hidden />
                {t("speak.speak")}
              </Button>
            )}
          </div>
        </div>
        <aside aria-label={t("speak.how")}>
          <Picker
            label={t("speak.voice")}
            value={voice}
            onChange={setVoice}
            choices={voices.map((one) => ({ id: one.id, label: one.name }))}
          />
          <Picker<Language>
            label={t("speak.language")}
            value={language}
            onChange={setLanguage}
            choices={(["auto", "zh", "en", "ja"] as const).map((id) => ({ id, label: t(`languages.${id}`) }))}
          />
          <Slide
            label={t("speak.speed")}
            value={speed}
            from={0.5}
            to={2}
            step={0.05}
            show={(value) => `${value.toFixed(2)}×`}
            onChange={setSpeed}
          />
          <Tick isSelected={thorough} onChange={setThorough}>
            {t("speak.thorough")}
          </Tick>
        </aside>
      </div>
      <Trouble error={speech.error} />
      {speech.spoken && (
        <Result
          spoken={speech.spoken}
          position={speech.position}
          sounding={speaking}
          name={nameOf(voices, voice)}
        />
      )}
    </div>
  );
}

interface ResultProps {
  spoken: Spoken;
  position: number;
  sounding: boolean;
  name: string;
}

function Result({ spoken, position, sounding, name }: ResultProps) {
  const { t } = useTranslation();
  const [replay, setReplay] = useState<number | null>(null);
  return (
    <section className="sheet stack" aria-label={t("speak.result")}>
      <SpokenText
        text={spoken.text}
        marks={spoken.marks}
        seconds={sounding ? position : (replay ?? position)}
      />
      {spoken.file && !sounding ? (
        <Wave
          key={spoken.generationId}
          audio={spoken.file}
          label={name}
          onTime={(seconds) => setReplay(seconds > 0 ? seconds : null)}
        />
      ) : (
        <LiveWave peaks={spoken.peaks} />
      )}
      {spoken.firstSoundMs !== null && (
        <p className="small soft number">{t("speak.first", { ms: Math.round(spoken.firstSoundMs) })}</p>
      )}
      {spoken.generationId && (
        <UtteranceActions id={spoken.generationId} name={name} {...(spoken.file && { file: spoken.file })} />
      )}
    </section>
  );
}

function nameOf(voices: readonly Voice[], id: string): string {
  return voices.find((voice) => voice.id === id)?.name ?? "";
}
