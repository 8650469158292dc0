import { describe, expect, it } from "vitest";
import { joined, WavReader, wavOf, withLengths } from "./wav";

const samples = Int16Array.from({ length: 101 }, (_, i) => i * 300 - 15000);

function streamed(): Uint8Array<ArrayBuffer> {
  const file = wavOf([samples], 24000);
  const view = new DataView(file.buffer);
  view.setUint32(4, 0xffffffff, true);
  view.setUint32(40, 0xffffffff, true);
  return file;
}

describe("a WAV stream", () => {
  it.each([1, 2, 7, 45, 1000])("gives every sample, in pieces of %i bytes", (size) => {
    const reader = new WavReader();
    const file = streamed();
    const heard: number[] = [];
    for (let at = 0; at < file.length; at += size) {
      heard.push(...reader.feed(file.subarray(at, at + size)));
    }
    expect(reader.rate).toBe(24000);
    expect(heard).toEqual(Array.from(samples, (value) => value / 32768));
  });

  it("is refused when it is something else", () => {
    expect(() => new WavReader().feed(new TextEncoder().encode("<!doctype html>"))).toThrow("not a WAV");
  });

  it("gets its true lengths when it is whole", () => {
    expect(withLengths(streamed())).toEqual(wavOf([samples], 24000));
  });

  it("leaves other formats alone", () => {
    const mp3 = new Uint8Array(60).fill(0xff);
    expect(withLengths(mp3)).toEqual(mp3);
  });
});

it("joins pieces in order", () => {
  expect(joined([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)])).toEqual(Uint8Array.of(1, 2, 3));
});
