import { expect, it } from "vitest";
import { coachUrl } from "./coach";

it("finds the coach beside the page, as safe as the page", () => {
  expect(coachUrl(48000, "zh", "http://127.0.0.1:8700/record")).toBe(
    "ws://127.0.0.1:8700/v1/coach?rate=48000&language=zh",
  );
  expect(coachUrl(44100, "en", "https://voice.example.org/record?x=1")).toBe(
    "wss://voice.example.org/v1/coach?rate=44100&language=en",
  );
});
