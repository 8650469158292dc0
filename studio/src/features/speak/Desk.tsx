import { Play, Square } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useSearchParams } from "react-router";
import { useCapabilities } from "../../api/capabilities";
import type { Schemas } from "../../api/client";
import type { Voice } from "../../api/voices";
import { count } from "../../ui/format";
import { Button, Picker, Slide, Tick } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { Result } from "./Result";
import { useSpeech } from "./useSpeech";

type Language = Schemas["Language"];

const LANGUAGES = ["auto", "zh", "en", "ja"] as const;
const SAMPLES = ["zh", "en", "ja"] as const;

/** What was being written survives a look at another page, but not the window. */
let draft = "";

/** Where one writes, chooses a voice, and hears it. */
export function Desk({ voices }: { voices: Voice[] }) {
  const { t, i18n } = useTranslation();
  const [query] = useSearchParams();
  const again = useLocation().state as { text?: string } | null;
  const [text, setText] = useState(again?.text ?? draft);
  const asked = query.get("voice");
  const [voice, setVoice] = useState(voices.find((one) => one.id === asked)?.id ?? voices[0]?.id ?? "");
  const [language, setLanguage] = useState<Language>("auto");
  const [speed, setSpeed] = useState(1);
  const [thorough, setThorough] = useState(false);
  const [by, setBy] = useState<Voice | null>(null);
  const speech = useSpeech();
  const most = useCapabilities().data?.text_characters ?? Number.POSITIVE_INFINITY;
  const length = Array.from(text).length;
  const sayable = text.trim() !== "" && length <= most;
  const busy = speech.phase === "starting" || speech.phase === "speaking";
  const write = (written: string) => {
    draft = written;
    setText(written);
  };
  const say = () => {
    setBy(voices.find((one) => one.id === voice) ?? null);
    void speech.start({ text, voice, language, thorough, controls: { speed } });
  };
  return (
    <div className="stack wide">
      <div className="desk">
        <div className="writing">
          <textarea
            aria-label={t("speak.text")}
            aria-describedby="speak-keys"
            placeholder={t("speak.placeholder")}
            value={text}
            aria-invalid={length > most}
            onChange={(event) => write(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && sayable) {
                say();
              }
            }}
          />
          {text === "" && <Samples onChoose={write} />}
          <div className="foot">
            <span className="small soft number">
              {t("speak.length", { count: length })}
              {length > most && (
                <strong className="wrong" role="alert">
                  {" · "}
                  {t("speak.tooLong", { most: count(most, i18n.language) })}
                </strong>
              )}
              <span id="speak-keys" className="keys">
                {" · "}
                {t("speak.keys")}
              </span>
            </span>
            {busy ? (
              <Button key="stop" look="record" onPress={speech.stop}>
                <Square className="icon solid" aria-hidden />
                {t("speak.stop")}
              </Button>
            ) : (
              <Button key="speak" look="primary" isDisabled={!sayable} onPress={say}>
                <Play className="icon solid" aria-hidden />
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
            choices={voices.map((one) => ({
              id: one.id,
              label: one.name,
              ...(one.preset && { note: t("voices.preset") }),
            }))}
          />
          {voices.every(({ preset }) => preset) && (
            <p className="small soft hint">
              {t("speak.onlyPresets")} <Link to="/record">{t("voices.new")}</Link>
            </p>
          )}
          <Picker<Language>
            label={t("speak.language")}
            value={language}
            onChange={setLanguage}
            choices={LANGUAGES.map((id) => ({ id, label: t(`languages.${id}`) }))}
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
      <Trouble error={speech.error} onRetry={say} />
      {speech.spoken && <Result key={speech.attempt} speech={speech} spoken={speech.spoken} voice={by} />}
    </div>
  );
}

/** For whoever does not know what to say yet. */
function Samples({ onChoose }: { onChoose: (text: string) => void }) {
  const { t } = useTranslation();
  return (
    <ul className="samples" aria-label={t("speak.samples")}>
      {SAMPLES.map((language) => (
        <li key={language}>
          <Button look="quiet" onPress={() => onChoose(t(`samples.${language}`))}>
            <span lang={language}>{t(`sampleNames.${language}`)}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}
