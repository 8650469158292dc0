import { Play, Square } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { useCapabilities } from "../../api/capabilities";
import type { Schemas } from "../../api/client";
import { useMe } from "../../api/session";
import type { Voice } from "../../api/voices";
import { Picker, Slide } from "../../ui/choose";
import { count } from "../../ui/format";
import { Button, Tick } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { type Draft, draftOf, keepDraft } from "./draft";
import { Result } from "./Result";
import { useSpeech } from "./useSpeech";

type Language = Schemas["Language"];

const LANGUAGES = ["auto", "zh", "en", "ja"] as const;
const SAMPLES = ["zh", "en", "ja"] as const;
/** What a Mac calls its control key. */
const COMMAND = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
/** The second press of a double click is not meant for the button that is there by then. */
const DOUBLE_CLICK_MS = 500;

/** Where one writes, chooses a voice, and hears it. */
export function Desk({ voices }: { voices: Voice[] }) {
  const { t, i18n } = useTranslation();
  const { draft, change } = useDraft(voices);
  const { text, voice, language, speed, thorough } = draft;
  const [by, setBy] = useState<Voice | null>(null);
  const speech = useSpeech();
  const begun = useRef(0);
  const most = useCapabilities().data?.text_characters ?? Number.POSITIVE_INFINITY;
  const length = Array.from(text).length;
  const chosen = voices.find((one) => one.id === voice);
  const sayable = chosen !== undefined && text.trim() !== "" && length <= most;
  const busy = speech.phase === "starting" || speech.phase === "speaking";
  const write = (written: string) => change({ text: written });
  const say = () => {
    begun.current = performance.now();
    setBy(chosen ?? null);
    void speech.start({ text, voice, language, thorough, controls: { speed } });
  };
  const press = () => {
    if (!busy) {
      say();
    } else if (performance.now() - begun.current > DOUBLE_CLICK_MS) {
      speech.stop();
    }
  };
  const pressKey = (event: KeyboardEvent) => {
    // Keys that still compose a Chinese or Japanese word are the input method's.
    if (event.nativeEvent.isComposing) {
      return;
    }
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && sayable) {
      say();
    }
  };
  useEscape(busy, speech.stop);
  const gone = { not_found: t("speak.voiceGone") };
  return (
    <div className="stack wide">
      <div className="desk">
        <div className="writing">
          <textarea
            dir="auto"
            aria-label={t("speak.text")}
            aria-describedby="speak-keys"
            placeholder={t("speak.placeholder")}
            value={text}
            aria-invalid={length > most}
            onChange={(event) => write(event.target.value)}
            onKeyDown={pressKey}
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
                {busy ? t("speak.escape") : t("speak.keys", { key: COMMAND })}
              </span>
            </span>
            <Button look={busy ? "record" : "primary"} isDisabled={!busy && !sayable} onPress={press}>
              {busy ? (
                <Square className="icon solid" aria-hidden />
              ) : (
                <Play className="icon solid" aria-hidden />
              )}
              {t(busy ? "speak.stop" : "speak.speak")}
            </Button>
          </div>
        </div>
        <aside aria-label={t("speak.how")}>
          <Picker
            label={t("speak.voice")}
            value={chosen?.id ?? null}
            placeholder={t("speak.choose")}
            onChange={(id) => change({ voice: id })}
            choices={voices.map((one) => ({
              id: one.id,
              label: one.name,
              ...(!one.owned && { note: t(one.preset ? "voices.preset" : "voices.shared") }),
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
            onChange={(id) => change({ language: id })}
            choices={LANGUAGES.map((id) => ({ id, label: t(`languages.${id}`) }))}
          />
          <Slide
            label={t("speak.speed")}
            value={speed}
            from={0.5}
            to={2}
            step={0.05}
            show={(value) => `${value.toFixed(2)}×`}
            onChange={(value) => change({ speed: value })}
          />
          <Tick isSelected={thorough} onChange={(on) => change({ thorough: on })}>
            {t("speak.thorough")}
          </Tick>
        </aside>
      </div>
      <Progress speech={speech} />
      {speech.error !== null && (
        <div className="result" ref={shownWhole}>
          <Trouble error={speech.error} words={gone} {...(sayable && { onRetry: say })} />
        </div>
      )}
      {speech.spoken && <Result key={speech.attempt} speech={speech} spoken={speech.spoken} voice={by} />}
    </div>
  );
}

/** On a phone what went wrong would come up below what is in sight. */
const shownWhole = (place: HTMLElement | null) => {
  place?.scrollIntoView({ block: "nearest" });
};

/** Escape stops what is busy, wherever the focus is; a list or a dialog that it closes keeps it to itself. */
function useEscape(busy: boolean, stop: () => void): void {
  useEffect(() => {
    const pressed = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) {
        stop();
      }
    };
    if (busy) {
      window.addEventListener("keydown", pressed);
    }
    return () => window.removeEventListener("keydown", pressed);
  }, [busy, stop]);
}

/** How far the speaking is, for those who do not see the waveform; what fails is an alert of its own. */
function Progress({ speech }: { speech: ReturnType<typeof useSpeech> }) {
  const { t } = useTranslation();
  const { phase, spoken, error } = speech;
  const ended = spoken?.generationId ? "speak.finished" : "speak.stopped";
  const seconds = Math.round(spoken?.seconds ?? 0);
  return (
    <p className="visually-hidden" role="status">
      {phase === "starting" && t("speak.starting")}
      {phase === "speaking" && t("speak.begun")}
      {phase === "done" && !error && t(ended, { seconds })}
    </p>
  );
}

/** What is written here, begun with what the address and the page before ask for, else with what was here before. */
function useDraft(voices: readonly Voice[]) {
  const account = useMe().data?.id ?? "";
  const go = useNavigate();
  const [query] = useSearchParams();
  const again = useLocation().state as { text?: string } | null;
  const [draft, setDraft] = useState<Draft>(() => {
    const kept = draftOf(account);
    const wanted = [query.get("voice"), kept.voice].flatMap((id) => voices.filter((one) => one.id === id));
    return { ...kept, text: again?.text ?? kept.text, voice: (wanted[0] ?? voices[0])?.id ?? "" };
  });
  useEffect(() => {
    // Whoever was signed out meanwhile has no account until they sign in again.
    if (account) {
      keepDraft(account, draft);
    }
  }, [account, draft]);
  // What was asked for is in the draft now; after a reload it would undo what was changed since.
  const told = query.has("voice") || again !== null;
  useEffect(() => {
    if (told) {
      void go("/speak", { replace: true });
    }
  }, [told, go]);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  return { draft, change };
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
