import { afterEach, describe, expect, it, vi } from "vitest";
import { bytesOf, linesOf, speak } from "./lines";
import { Refusal } from "./problem";

function bodyOf(...pieces: (string | Uint8Array<ArrayBuffer>)[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
      }
      controller.close();
    },
  });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
  }
  return found;
}

afterEach(() => vi.unstubAllGlobals());

describe("lines", () => {
  it("are whole wherever the pieces end, even within a character", async () => {
    const [first, second] = [new TextEncoder().encode("你"), new TextEncoder().encode('好"}\n{"b"')];
    const body = bodyOf('{"a":"', first.slice(0, 2), new Uint8Array([...first.slice(2), ...second]), ":1}");
    expect(await collect(linesOf(body))).toEqual(['{"a":"你好"}', '{"b":1}']);
  });
});

describe("speaking", () => {
  const order = { text: "你好", voice: "voice_1" };

  it("throws the service's words when it is refused", async () => {
    const problem = { code: "quota_exceeded", detail: "This month's characters are spent." };
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify(problem), { status: 429 }));
    const spoken = collect(speak(order, new AbortController().signal));
    await expect(spoken).rejects.toMatchObject({ status: 429, code: "quota_exceeded" });
  });

  it("throws when the stream ends in a problem", async () => {
    const problem = { code: "voice_gone", detail: "This voice was deleted.", status: 502, title: "Gone" };
    const body = `{"audio_base64":"AAA="}\n${JSON.stringify({ problem })}\n`;
    vi.stubGlobal("fetch", async () => new Response(bodyOf(body)));
    await expect(collect(speak(order, new AbortController().signal))).rejects.toBeInstanceOf(Refusal);
  });
});

it("is not taken for finished when the connection ends first", async () => {
  const order = { text: "你好", voice: "voice_1" };
  for (const body of ['{"audio_base64":"AAA="}\n', '{"audio_base64":"AAA="}\n{"audio_ba']) {
    vi.stubGlobal("fetch", async () => new Response(bodyOf(body)));
    await expect(collect(speak(order, new AbortController().signal))).rejects.toBeInstanceOf(TypeError);
  }
});

it("reads base64", () => {
  expect(bytesOf("AP8B")).toEqual(Uint8Array.of(0, 255, 1));
});
