import { expect, test } from "vitest";
import { linesOf } from "./words";

test("a sentence is read from when it comes up until the next one does", () => {
  const shown = [
    { text: "一", at: 0 },
    { text: "二", at: 4.5 },
  ];
  expect(linesOf(shown, 9)).toEqual([
    { text: "一", start: 0, end: 4.5 },
    { text: "二", start: 4.5, end: null },
  ]);
});

test("what is turned past, comes up as the take ends, or is empty, is not read", () => {
  const shown = [
    { text: "", at: 0 },
    { text: "one", at: 1 },
    { text: "two", at: 5 },
    { text: "three", at: 5.4 },
    { text: "four", at: 9.8 },
  ];
  expect(linesOf(shown, 10).map((line) => line.text)).toEqual(["one", "three"]);
});
