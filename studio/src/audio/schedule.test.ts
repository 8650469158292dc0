import { describe, expect, it } from "vitest";
import { LEAD_SECONDS, Schedule } from "./schedule";

describe("a stream that is played while it arrives", () => {
  it("puts pieces end to end when they come in time", () => {
    const schedule = new Schedule();
    expect(schedule.place(0.5, 10)).toBeCloseTo(10 + LEAD_SECONDS);
    expect(schedule.place(0.5, 10.1)).toBeCloseTo(10.5 + LEAD_SECONDS);
    expect(schedule.length).toBe(1);
    expect(schedule.end).toBeCloseTo(11 + LEAD_SECONDS);
  });

  it("goes on after a gap, and the position stands still in it", () => {
    const schedule = new Schedule();
    const first = schedule.place(0.5, 0);
    const second = schedule.place(0.5, 2);
    expect(second).toBeCloseTo(2 + LEAD_SECONDS);
    expect(schedule.position(first - 0.01)).toBe(0);
    expect(schedule.position(first + 0.25)).toBeCloseTo(0.25);
    expect(schedule.position(1.5)).toBeCloseTo(0.5);
    expect(schedule.position(second + 0.1)).toBeCloseTo(0.6);
    expect(schedule.position(99)).toBeCloseTo(1);
  });
});
