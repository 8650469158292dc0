import { expect, it } from "vitest";
import { type Move, moved, opening } from "./wizard";

const piece = { name: "1", blob: new Blob(["x"]) };
const walk = (...moves: Move[]) => moves.reduce(moved, opening(null));

it("leads from a name over a take to consent", () => {
  const end = walk(
    { type: "begin" },
    { type: "recorded", piece },
    { type: "sent", voiceId: "v", jobId: "j" },
  );
  expect(end).toEqual({ step: "consent", pieces: [piece], voiceId: "v", jobId: "j" });
});

it("asks for another take when the last one is thrown away", () => {
  const two = walk({ type: "recorded", piece }, { type: "more" }, { type: "recorded", piece });
  expect(two.pieces).toHaveLength(2);
  const one = moved(two, { type: "dropped", at: 0 });
  expect(one.step).toBe("review");
  expect(moved(one, { type: "dropped", at: 0 }).step).toBe("read");
});

it("begins with reading for a voice that exists", () => {
  expect(opening("voice_1")).toMatchObject({ step: "read", voiceId: "voice_1" });
});
