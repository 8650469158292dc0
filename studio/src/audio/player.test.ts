import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StreamPlayer } from "./player";
import { LEAD_SECONDS } from "./schedule";

const RATE = 1000;

/** A sound card in slow motion: `now` is its clock, and every source says which samples it plays when. */
class Source {
  buffer: { samples: Float32Array; duration: number } | null = null;
  onended: (() => void) | null = null;
  begin = Number.POSITIVE_INFINITY;
  end = Number.POSITIVE_INFINITY;
  offset = 0;
  connect() {}
  start(at: number, offset: number) {
    this.begin = at;
    this.offset = offset;
    this.end = at + (this.buffer?.duration ?? 0) - offset;
  }
  stop(at: number) {
    this.end = Math.min(this.end, at);
  }
  /** The sample that sounds at a time, if one does. */
  at(time: number): number | undefined {
    const within = time >= this.begin && time < this.end;
    return within
      ? this.buffer?.samples[Math.floor((this.offset + time - this.begin) * RATE + 1e-6)]
      : undefined;
  }
}

let now = 0;
let sources: Source[] = [];

class Card {
  state = "running";
  destination = {};
  get currentTime() {
    return now;
  }
  createBuffer(_: number, length: number, rate: number) {
    const samples = new Float32Array(length);
    return { samples, duration: length / rate, copyToChannel: (from: Float32Array) => samples.set(from) };
  }
  createBufferSource() {
    const source = new Source();
    sources.push(source);
    return source;
  }
  createGain() {
    const gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, cancelScheduledValues() {} };
    return { gain, connect() {} };
  }
  async suspend() {
    this.state = "suspended";
  }
  async resume() {
    this.state = "running";
  }
}

/** A page is told of what ended a little later. */
const LATE = 0.02;

/** Let time go on; what ends meanwhile is told of. */
function until(time: number): void {
  for (;;) {
    const ended = sources
      .filter(({ end, onended }) => onended && end + LATE <= time)
      .sort((a, b) => a.end - b.end)[0];
    if (!ended) {
      break;
    }
    now = Math.max(now, ended.end + LATE);
    ended.onended?.();
    ended.onended = null;
  }
  now = time;
}

/** All that sounds at a time. */
const heard = (time: number) => sources.map((source) => source.at(time)).filter((one) => one !== undefined);

/** Pieces of a stream whose samples count themselves. */
function* stream(seconds: number): Generator<Float32Array<ArrayBuffer>, never> {
  for (let from = 0; ; from += seconds * RATE) {
    yield Float32Array.from({ length: seconds * RATE }, (_, at) => from + at);
  }
}

beforeEach(() => {
  now = 0;
  sources = [];
  vi.stubGlobal("AudioContext", Card);
});
afterEach(() => vi.unstubAllGlobals());

/** From `begin` on, every hundredth of `seconds`: each sample of the stream from `first` on, once and in order. */
function expectStream(begin: number, first: number, seconds: number): void {
  for (let step = 0.5; step < seconds * 100; step++) {
    expect(heard(begin + step / 100), `after ${step / 100} s`).toEqual([Math.floor(first + step * 10)]);
  }
}

it("sounds without a gap and never twice, wherever somebody goes in what has arrived", () => {
  const player = new StreamPlayer();
  const pieces = stream(0.25);
  const push = (count: number) => {
    for (let piece = 0; piece < count; piece++) {
      player.push(pieces.next().value, RATE);
    }
  };
  push(8);
  expectStream(LEAD_SECONDS, 0, 2);
  until(1);
  player.seek(0.375);
  expect(player.position).toBe(0.375);
  push(4);
  expectStream(1 + LEAD_SECONDS, 375, 2.625);
  until(1.3);
  player.seek(2.5);
  player.seek(1);
  until(1.5);
  expectStream(1.3 + LEAD_SECONDS, 1000, 2);
  expect(player.position).toBeCloseTo(1.2 - LEAD_SECONDS);
});

it("hands over a little at a time, and is never without the next piece", () => {
  const player = new StreamPlayer();
  const pieces = stream(0.5);
  for (let piece = 0; piece < 240; piece++) {
    player.push(pieces.next().value, RATE);
  }
  expect(sources.length).toBeLessThan(24);
  until(30);
  player.seek(60);
  expect(sources.filter(({ onended }) => onended).length).toBeLessThan(24);
  until(60);
  expectStream(50, 80_000 - LEAD_SECONDS * RATE, 9);
});

it("is never without the next piece, however long pieces are", () => {
  const player = new StreamPlayer();
  const pieces = stream(15);
  for (let piece = 0; piece < 4; piece++) {
    player.push(pieces.next().value, RATE);
  }
  until(31);
  expectStream(29, 29_000 - LEAD_SECONDS * RATE, 4);
});

it("is silent at the end of what has arrived, and over only when all of it has sounded", async () => {
  const player = new StreamPlayer();
  const pieces = stream(0.5);
  player.push(pieces.next().value, RATE);
  player.seek(9);
  expect([player.position, heard(now + 0.1)]).toEqual([0.5, []]);
  await player.drained(new AbortController().signal);
  player.seek(0);
  const stop = new AbortController();
  const drained = player.drained(stop.signal);
  stop.abort();
  await expect(drained).rejects.toThrow();
});

it("goes elsewhere while it stands still, and stays there", async () => {
  const player = new StreamPlayer();
  const pieces = stream(0.5);
  player.push(pieces.next().value, RATE);
  player.push(pieces.next().value, RATE);
  until(0.3);
  await player.toggle();
  player.seek(0.7);
  expect([player.playing, player.position]).toEqual([false, 0.7]);
  await player.toggle();
  expectStream(0.3 + LEAD_SECONDS, 700, 0.3);
});
