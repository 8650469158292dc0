import { describe, expect, it } from "vitest";
import { LEAD_SECONDS, Schedule } from "./schedule";

/** A schedule of pieces of half a second. */
function arrived(pieces: number): Schedule {
  const schedule = new Schedule();
  for (let piece = 0; piece < pieces; piece++) {
    schedule.add(0.5);
  }
  return schedule;
}

const at = (schedule: Schedule, now: number) => schedule.cue(now)?.at;

describe("a stream that is played while it arrives", () => {
  it("puts pieces end to end when they come in time", () => {
    const schedule = arrived(1);
    expect(at(schedule, 10)).toBeCloseTo(10 + LEAD_SECONDS);
    expect(schedule.cue(10.1)).toBeNull();
    schedule.add(0.5);
    expect(at(schedule, 10.1)).toBeCloseTo(10.5 + LEAD_SECONDS);
    expect(schedule.length).toBe(1);
    expect(schedule.ahead(10)).toBeCloseTo(1 + LEAD_SECONDS);
  });

  it("goes on after a gap, and the position stands still in it", () => {
    const schedule = arrived(2);
    const first = at(schedule, 0) ?? 0;
    const second = at(schedule, 2) ?? 0;
    expect(second).toBeCloseTo(2 + LEAD_SECONDS);
    expect(schedule.position(first - 0.01)).toBe(0);
    expect(schedule.position(first + 0.25)).toBeCloseTo(0.25);
    expect(schedule.position(1.5)).toBeCloseTo(0.5);
    expect(schedule.position(second + 0.1)).toBeCloseTo(0.6);
    expect(schedule.position(99)).toBeCloseTo(1);
    expect([schedule.over(2.5), schedule.over(99)]).toEqual([false, true]);
  });

  it("goes on from within a piece that was heard, with all that follow it", () => {
    const schedule = arrived(3);
    while (schedule.cue(0)) {}
    schedule.seek(0.7);
    expect(schedule.position(5)).toBe(0.7);
    expect(schedule.over(5)).toBe(false);
    const cue = schedule.cue(5);
    expect(cue).toMatchObject({ piece: 1, offset: 0.7 - 0.5 });
    expect(schedule.cue(5)).toMatchObject({ piece: 2, offset: 0, at: (cue?.at ?? 0) + 0.3 });
    expect(schedule.position((cue?.at ?? 0) + 0.2)).toBeCloseTo(0.9);
  });

  it("waits at the end of what has arrived for what is still to come", () => {
    const schedule = arrived(2);
    schedule.seek(99);
    expect([schedule.cue(1), schedule.position(2)]).toEqual([null, 1]);
    schedule.add(0.5);
    expect(schedule.cue(3)).toEqual({ piece: 2, at: 3 + LEAD_SECONDS, offset: 0 });
    schedule.seek(-1);
    expect(schedule.cue(4)).toMatchObject({ piece: 0, offset: 0 });
  });
});
