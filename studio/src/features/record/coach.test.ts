import { afterEach, expect, it, vi } from "vitest";
import { Coach, coachUrl } from "./coach";

afterEach(() => vi.unstubAllGlobals());

it("finds the coach beside the page, as safe as the page", () => {
  expect(coachUrl(48000, "zh", "http://127.0.0.1:8700/record")).toBe(
    "ws://127.0.0.1:8700/v1/coach?rate=48000&language=zh",
  );
  expect(coachUrl(44100, "en", "https://voice.example.org/record?x=1")).toBe(
    "wss://voice.example.org/v1/coach?rate=44100&language=en",
  );
});

/** A socket that a test opens, speaks through and closes. */
class Socket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static last: Socket;
  readyState = Socket.OPEN;
  onopen = () => undefined;
  onclose = () => undefined;
  onmessage = (_event: { data: string }) => undefined;
  readonly send = vi.fn();
  readonly close = vi.fn();

  constructor() {
    Socket.last = this;
  }

  says(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

function listening() {
  vi.stubGlobal("window", { location: { href: "http://127.0.0.1/record" } });
  vi.stubGlobal("WebSocket", Socket);
  const onLost = vi.fn();
  const onReport = vi.fn();
  return { coach: new Coach(48000, "en", { onReport, onLost }), onReport, onLost };
}

it("says that it is lost when the service goes away, and not when the reading is over", () => {
  const { coach, onLost } = listening();
  Socket.last.onclose();
  expect(onLost).toHaveBeenCalledOnce();
  void coach.finish();
  Socket.last.onclose();
  expect(onLost).toHaveBeenCalledOnce();
});

it("gives the last report of all that was sent, also to who has left meanwhile", async () => {
  const { coach, onReport, onLost } = listening();
  Socket.last.says({ type: "report", net_speech_s: 1 });
  const last = coach.finish();
  expect(Socket.last.send).toHaveBeenLastCalledWith("done");
  coach.leave();
  expect(Socket.last.close).not.toHaveBeenCalled();
  Socket.last.says({ type: "done", net_speech_s: 2 });
  expect(await last).toMatchObject({ net_speech_s: 2 });
  expect(onReport).toHaveBeenCalledOnce();
  expect(onLost).not.toHaveBeenCalled();
});

it("has no last report when the service goes away before it", async () => {
  const { coach, onLost } = listening();
  const last = coach.finish();
  Socket.last.onclose();
  expect(await last).toBeNull();
  expect(onLost).not.toHaveBeenCalled();
});

it("sends what was read, and asks for the report, once it is connected", () => {
  const { coach } = listening();
  Socket.last.readyState = Socket.CONNECTING;
  const block = new Int16Array([1, 2]);
  coach.send(block);
  void coach.finish();
  expect(Socket.last.send).not.toHaveBeenCalled();
  Socket.last.readyState = Socket.OPEN;
  Socket.last.onopen();
  expect(Socket.last.send.mock.calls).toEqual([[block], ["done"]]);
});

it("closes the line when a reading is given up", () => {
  const { coach } = listening();
  coach.leave();
  expect(Socket.last.close).toHaveBeenCalledOnce();
});
