import { beforeEach, expect, it, vi } from "vitest";
import { draftOf, keepDraft } from "./draft";

const draft = { text: "你好", voice: "v", language: "zh", speed: 1.2, thorough: true } as const;

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

it("gives a draft back to whoever wrote it, and to nobody else", () => {
  expect(draftOf("ann").text).toBe("");
  keepDraft("ann", draft);
  expect(draftOf("ann")).toEqual(draft);
  expect(draftOf("ben").text).toBe("");
});

it("keeps the last draft that is not absurdly long", () => {
  keepDraft("ann", draft);
  keepDraft("ann", { ...draft, text: "x".repeat(1_000_000) });
  expect(draftOf("ann").text).toBe("你好");
});
