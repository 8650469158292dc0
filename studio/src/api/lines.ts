import type { Schemas } from "./client";
import { asRefusal, refusalOf } from "./problem";

export type SpeechLine = Schemas["SpeechLine"];
export type TextMark = Schemas["TextMark"];

/** The lines of a body as they arrive, whole, without their ends. */
export async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
    if (done) {
      if (rest !== "") {
        yield rest;
      }
      return;
    }
  }
}

/** Speak, line by line. Throws a `Refusal`, also for one that comes on the way. */
export async function* speak(
  order: Partial<Schemas["SpeechOrder"]> & { text: string; voice: string },
  signal: AbortSignal,
): AsyncGenerator<SpeechLine> {
  const response = await fetch("/v1/speech/lines", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(order),
    signal,
  });
  if (!response.ok || !response.body) {
    throw await refusalOf(response);
  }
  for await (const text of linesOf(response.body)) {
    const line = JSON.parse(text) as SpeechLine;
    if (line.problem) {
      throw asRefusal(line.problem.status, line.problem);
    }
    yield line;
  }
}

/** Bytes of base64 text. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
