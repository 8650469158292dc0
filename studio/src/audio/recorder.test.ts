import { expect, it, vi } from "vitest";
import { Recorder } from "./recorder";

it("switches the microphone off when what records with it cannot be fetched", async () => {
  const track = { stop: vi.fn() };
  const stream = { getTracks: () => [track] };
  const away = new DOMException("Unable to load a worklet's module.", "AbortError");
  const context = {
    state: "running",
    audioWorklet: { addModule: () => Promise.reject(away) },
    close: vi.fn(),
  };
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: async () => stream } });
  vi.stubGlobal(
    "AudioContext",
    vi.fn(function made() {
      return context;
    }),
  );
  await expect(Recorder.start(vi.fn(), vi.fn())).rejects.toBe(away);
  expect(track.stop).toHaveBeenCalledOnce();
  expect(context.close).toHaveBeenCalledOnce();
});
