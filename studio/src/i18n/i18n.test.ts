import { expect, it } from "vitest";
import { en } from "./en";
import { firstLanguage, isolated } from "./index";
import { zh } from "./zh";

function keys(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" ? [`${path}${key}`] : keys(inner as object, `${path}${key}.`),
  );
}

/** Names in {{braces}}; plural endings may differ between the languages. */
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((hole) => hole[1]).sort();

function textAt(value: unknown, path: string): string {
  return path
    .split(".")
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value) as string;
}

it("says everything in both languages, with the same holes", () => {
  expect(keys(zh).sort()).toEqual(keys(en).sort());
  for (const path of keys(en)) {
    expect(holes(textAt(zh, path)), path).toEqual(holes(textAt(en, path)));
  }
});

it("writes no ASCII punctuation between Chinese characters", () => {
  for (const path of keys(zh)) {
    expect(textAt(zh, path), path).not.toMatch(/[一-鿿][,;:!?][一-鿿]/);
  }
});

it("starts in the reader's language", () => {
  expect(firstLanguage(null, "zh-TW")).toBe("zh");
  expect(firstLanguage(null, "fr")).toBe("en");
  expect(firstLanguage("en", "zh")).toBe("en");
});

it("keeps names from right to left from turning the sentence around them", () => {
  expect(isolated("שרה")).toBe("\u2068שרה\u2069");
  expect(["Ann", "林遥 🎤"].map(isolated)).toEqual(["Ann", "林遥 🎤"]);
});
