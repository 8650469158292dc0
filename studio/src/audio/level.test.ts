import { expect, it } from "vitest";
import { fitted, meterOf, peakDb, peaksOf } from "./level";

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

it("brings bars to the number that fits, and loses no peak", () => {
  expect(fitted([0.1, 0.9, 0.2, 0.3], 2)).toEqual([0.9, 0.3]);
  expect(fitted([0.4, 0.8], 4)).toEqual([0.4, 0.4, 0.8, 0.8]);
  expect(fitted([], 3)).toEqual([]);
});
