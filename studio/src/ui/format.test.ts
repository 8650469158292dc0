import { expect, it } from "vitest";
import { bytes, clock, duration, milliseconds, weekBegin } from "./format";

it("writes durations as a player does", () => {
  expect([0, 9.99, 60, 125, -1].map(clock)).toEqual(["0:00", "0:09", "1:00", "2:05", "0:00"]);
});

it("writes sizes in the largest unit that fits", () => {
  expect(bytes(0, "en")).toBe("0 B");
  expect(bytes(1500, "en")).toBe("1.5 kB");
  expect(bytes(2_340_000, "en")).toBe("2.3 MB");
  expect(bytes(7e12, "en")).toBe("7,000 GB");
});

it("writes waits in one unit, never too short", () => {
  expect([0, 1, 61, 100, 3600, 86_400 * 2].map((seconds) => duration(seconds, "en"))).toEqual([
    "1 second",
    "1 second",
    "61 seconds",
    "2 minutes",
    "60 minutes",
    "2 days",
  ]);
  expect(duration(86_400, "zh")).toBe("24小时");
});

it("shows a dash for what was never measured", () => {
  expect([milliseconds(null), milliseconds(0.1234)]).toEqual(["–", "123 ms"]);
});

it("names a week by its Monday", () => {
  expect(["2026-W48", "2027-W01", "2026-W01"].map((week) => weekBegin(week, "en"))).toEqual([
    "11/23",
    "1/4",
    "12/29",
  ]);
});
