import { expect, it } from "vitest";
import { foreseen, piecesOf, stateOf } from "./highlight";

const marks = (text: string) =>
  Array.from(text, (_, at) => ({ text_start: at, text_end: at + 1, start: at * 0.1, end: (at + 1) * 0.1 }));

it("lights the word that sounds", () => {
  const text = "Good morning";
  const pieces = piecesOf(text, marks(text));
  expect(pieces.map((piece) => piece.text)).toEqual(["Good", " ", "morning"]);
  expect(pieces.map((piece) => stateOf(piece, 0.65))).toEqual(["said", "said", "now"]);
});

it("counts characters as the service does, also beyond the basic plane", () => {
  const pieces = piecesOf("𠮷野家 好", marks("𠮷野家 好"));
  expect(pieces.reduce((sum, piece) => sum + piece.text, "")).toBe("𠮷野家 好");
  expect(pieces.at(-1)?.from).toBe(4);
  expect(pieces.at(-1)?.end).toBeCloseTo(0.5);
});

it("leaves words without marks with the word before", () => {
  const pieces = piecesOf("Hi !", marks("Hi"));
  expect(pieces.at(-1)).toMatchObject({ start: 0.2, end: 0.2 });
  expect(piecesOf("Hi", []).map((piece) => stateOf(piece, 0.1))).toEqual([""]);
});

it("foresees the length of the whole from its beginning", () => {
  expect(foreseen("0123456789", marks("0123"))).toBeCloseTo(1);
  expect(foreseen("0123456789", [])).toBe(0);
});
