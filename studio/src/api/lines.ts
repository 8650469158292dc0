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

/**
 * Speak, line by line. Throws a `Refusal`, also for one that comes on the way, and a `TypeError` as `fetch` does where
 * the connection ends before the last line.
 */
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
  let finished = false;
  for await (const text of linesOf(response.body)) {
    const line = lineOf(text);
    if (line.problem) {
      throw asRefusal(line.problem.status, line.problem);
    }
    finished ||= Boolean(line.finished);
    yield line;
  }
  if (!finished) {
    throw cutOff();
  }
}

/** A line of the answer; one that is not whole was cut off on its way. */
function lineOf(text: string): SpeechLine {
  try {
    return JSON.parse(text) as SpeechLine;
  } catch {
    throw cutOff();
  }
}

const cutOff = () => new TypeError("the answer was cut off");

/** Bytes of base64 text. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
