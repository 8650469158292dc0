import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { asRefusal } from "./problem";

const problem = { code: "quota_exceeded", detail: "4 of this month's 10 characters are left." };

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a refusal", () => {
  it("knows when to come back, by its document or by its header", () => {
    expect(asRefusal(429, { ...problem, retry_after: 60 }).notBefore).toBe(1_060_000);
    expect(asRefusal(429, problem, new Headers({ "retry-after": "30" })).notBefore).toBe(1_030_000);
    expect(asRefusal(503, "<html>", new Headers({ "retry-after": "5" }))).toMatchObject({
      code: "unreadable",
      notBefore: 1_005_000,
    });
    expect(asRefusal(429, problem).notBefore).toBeNull();
    const date = new Headers({ "retry-after": "Fri, 31 Dec 2027 23:59:59 GMT" });
    expect(asRefusal(429, problem, date).notBefore).toBeNull();
  });

  it("says whether the same request can do better", () => {
    const passes = (status: number, code: string) => asRefusal(status, { code, detail: "" }).passes;
    expect(passes(429, "quota_exceeded")).toBe(false);
    expect(passes(402, "payment_required")).toBe(false);
    expect(passes(422, "audio_unreadable")).toBe(false);
    expect(passes(404, "not_found")).toBe(false);
    expect(passes(429, "rate_limited")).toBe(true);
    expect(passes(503, "at_capacity")).toBe(true);
    expect(passes(409, "voice_pending")).toBe(true);
  });

  it("keeps what the document tells of whose characters and which file", () => {
    const told = { quota: "grant", remaining: 4, file: 1, recording: "obj_1" };
    expect(asRefusal(429, { ...problem, ...told }).further).toMatchObject(told);
  });
});
