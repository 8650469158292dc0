import { describe, expect, it } from "vitest";
import { adviceOf, apart, type Check, faults, foremost, type Report, reportOf } from "./report";

const check = (id: string, status: string, advice?: Check["advice"]): Check => ({
  id,
  status,
  value: 1,
  unit: "",
  spans: [],
  advice: advice ?? null,
});

const report: Report = {
  grade: "ok",
  can_clone: true,
  net_speech_s: 12,
  checks: [
    check("snr", "pass"),
    check("hum", "warn", { zh: "有电流声。", en: "There is a hum." }),
    check("clipping", "fail", { zh: "离麦克风远一点。", en: "Move away from the microphone." }),
  ],
};

it("tells the gravest fault first, in the speaker's language", () => {
  expect(faults(report).map((fault) => fault.id)).toEqual(["clipping", "hum"]);
  expect(foremost(report, "zh-CN")).toBe("离麦克风远一点。");
  expect(foremost(report, "fr")).toBe("Move away from the microphone.");
});

it("does not call it a fault that somebody has only just begun to read", () => {
  const begun = {
    ...report,
    checks: [check("net_speech", "fail", { en: "Read more." }), check("snr", "pass")],
  };
  expect(foremost(begun, "en")).toBe("");
});

it("hears how somebody speaks only after the first words", () => {
  const flat = { ...report, checks: [check("pitch_spread", "warn", { en: "Rather flat." })] };
  expect(foremost({ ...flat, net_speech_s: 3 }, "en")).toBe("");
  expect(foremost({ ...flat, net_speech_s: 9 }, "en")).toBe("Rather flat.");
});

it("is silent when nothing is wrong, or nothing was heard", () => {
  expect(foremost({ ...report, checks: [check("snr", "pass")] }, "en")).toBe("");
  expect(foremost(null, "en")).toBe("");
  expect(adviceOf(check("x", "fail"), "en")).toBe("");
});

it("takes only reports for reports", () => {
  expect(reportOf(report)).toBe(report);
  expect([null, 3, {}, { checks: [] }].map(reportOf)).toEqual([null, null, null, null]);
});

describe("recordings of one voice", () => {
  const judged = (can_clone: boolean, ...checks: Check[]): Report => ({ ...report, can_clone, checks });
  const short = check("net_speech", "fail");
  const music = check("music", "fail");
  const hum = check("hum", "warn");
  const told = (whole: Report) => {
    const { alike, single } = apart(whole);
    const ids = (checks: readonly Check[]) => checks.map(({ id }) => id);
    return [ids(alike), single.map(({ recording, checks }) => [recording, ids(checks)])];
  };

  it("are each named with what they fail by themselves", () => {
    const own = [
      { ...judged(false, short, music), recording: "a" },
      { ...judged(false, short, hum), recording: "b" },
    ];
    const whole = { ...judged(false, short, hum), recordings: own };
    expect(told(whole)).toEqual([["net_speech"], [["a", ["music"]]]]);
  });

  it("are named where a voice was made without them", () => {
    const own = [
      { ...judged(true, hum), recording: "a" },
      { ...judged(false, music, hum), recording: "b" },
    ];
    expect(told({ ...judged(true, hum), recordings: own })).toEqual([["hum"], [["b", ["music"]]]]);
  });

  it("need no names where there is one", () => {
    const own = [{ ...judged(false, music), recording: "a" }];
    expect(told({ ...judged(false, music), recordings: own })).toEqual([["music"], []]);
  });
});
