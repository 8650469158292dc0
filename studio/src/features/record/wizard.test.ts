import { expect, it } from "vitest";
import { heardSeconds, type Move, moved, opening, unsent } from "./wizard";

const heard = (seconds: number) => ({ grade: "good", can_clone: true, net_speech_s: seconds, checks: [] });
const piece = { name: "1", blob: new Blob(["x"]), report: heard(8) };
const walk = (...moves: Move[]) => moves.reduce(moved, opening(null));

it("leads from a name over a take to consent", () => {
  const end = walk(
    { type: "begin" },
    { type: "recorded", piece },
    { type: "recorded", piece: { ...piece, name: "b.mp3" } },
    { type: "sent", voiceId: "v", jobId: "j", recordings: ["obj_2", "obj_1"] },
  );
  const names = { obj_2: "1", obj_1: "b.mp3" };
  expect(end).toMatchObject({ step: "consent", voiceId: "v", jobId: "j", names });
  expect(unsent(end)).toBe(false);
  expect(moved(end, { type: "again", jobId: "k" })).toMatchObject({ step: "consent", jobId: "k", names });
});

it("asks for another take when the last one is thrown away", () => {
  const two = walk({ type: "recorded", piece }, { type: "more" }, { type: "recorded", piece });
  expect(two.pieces.map(({ number }) => number)).toEqual([1, 2]);
  const one = moved(two, { type: "dropped", number: 1 });
  expect(one).toMatchObject({ step: "review", pieces: [{ number: 2 }] });
  expect(moved(one, { type: "dropped", number: 2 }).step).toBe("read");
  expect(moved(one, { type: "recorded", piece }).pieces.at(-1)?.number).toBe(3);
});

it("takes what the coach says at last to the take that it heard, if that is still there", () => {
  const other = { ...piece, blob: new Blob(["y"]) };
  const two = walk({ type: "recorded", piece }, { type: "more" }, { type: "recorded", piece: other });
  const last = { type: "heard", blob: piece.blob, report: heard(9) } as const;
  expect(moved(two, last).pieces.map(({ report }) => report?.net_speech_s)).toEqual([9, 8]);
  const one = moved(two, { type: "dropped", number: 1 });
  expect(moved(one, last)).toEqual(one);
});

it("goes back to where something was", () => {
  expect(walk({ type: "begin" }, { type: "back" }).step).toBe("prepare");
  expect(walk({ type: "recorded", piece }, { type: "more" }, { type: "back" }).step).toBe("review");
});

it("begins with reading for a voice that exists", () => {
  expect(opening("voice_1")).toMatchObject({ step: "read", voiceId: "voice_1" });
});

it("adds up what was heard, and claims nothing for files it never heard", () => {
  expect(heardSeconds([piece, { ...piece, report: heard(4) }])).toBe(12);
  expect(heardSeconds([piece, { ...piece, report: null }])).toBeNull();
});
