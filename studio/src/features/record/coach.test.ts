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

/** A socket that is open, and that a test may close. */
class Socket {
  static readonly OPEN = 1;
  static last: Socket;
  readonly readyState = Socket.OPEN;
  onclose = () => undefined;
  readonly send = vi.fn();

  constructor() {
    Socket.last = this;
  }
}

it("says that it is lost when the service goes away, and not when the reading is over", () => {
  vi.stubGlobal("window", { location: { href: "http://127.0.0.1/record" } });
  vi.stubGlobal("WebSocket", Socket);
  const onLost = vi.fn();
  const coach = new Coach(48000, "en", { onReport: vi.fn(), onLost });
  Socket.last.onclose();
  expect(onLost).toHaveBeenCalledOnce();
  coach.finish();
  Socket.last.onclose();
  expect(onLost).toHaveBeenCalledOnce();
});
