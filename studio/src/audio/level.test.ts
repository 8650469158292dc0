import { expect, it } from "vitest";
import { meterOf, peakDb, peaksOf } from "./level";

it("measures peaks below full scale", () => {
  expect(peakDb(Int16Array.of(0, 0))).toBe(-60);
  expect(peakDb(Int16Array.of(100, -32768))).toBe(0);
  expect(peakDb(Int16Array.of(16384))).toBeCloseTo(-6.02, 2);
});

it("maps decibels to a meter", () => {
  expect([-90, -60, -30, 0, 3].map(meterOf)).toEqual([0, 0, 0.5, 1, 1]);
});

it("keeps the loudest sample of each part", () => {
  expect(peaksOf(Float32Array.of(0.5, -0.25, 0, -1), 2)).toEqual([0.5, 1]);
});
