import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { zh } from "./zh";

export const LANGUAGES = ["zh", "en"] as const;
export type StudioLanguage = (typeof LANGUAGES)[number];

const KEPT = "yinse.language";

/** The language that was chosen here, else the browser's; English for everyone who does not read Chinese. */
export function firstLanguage(kept: string | null, browser: string): StudioLanguage {
  if (kept === "zh" || kept === "en") {
    return kept;
  }
  return browser.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function chooseLanguage(language: StudioLanguage): void {
  localStorage.setItem(KEPT, language);
  void i18next.changeLanguage(language);
}

function present(language: string): void {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** A name that is written from right to left, kept from turning the sentence around it. */
export function isolated(value: string): string {
  return RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}

export async function startLanguages(): Promise<void> {
  i18next.on("languageChanged", present);
  await i18next.use(initReactI18next).init({
    lng: firstLanguage(localStorage.getItem(KEPT), navigator.language),
    fallbackLng: "en",
    resources: { zh: { translation: zh }, en: { translation: en } },
    interpolation: { escape: isolated },
  });
}
