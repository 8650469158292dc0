import captureUrl from "./capture.worklet?worker&url";
import { wavOf } from "./wav";

/** The microphone as it is: what a phone call does to a voice must not get into a clone of it. */
const CONSTRAINTS: MediaStreamConstraints = {
  audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
};

/** A take: whole as a WAV file, in memory only. */
export interface Take {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly seconds: number;
}

/** Records the microphone; every block (0.1 s of 16-bit samples) is also handed on as it comes. */
export class Recorder {
  readonly rate: number;
  readonly #context: AudioContext;
  readonly #stream: MediaStream;
  readonly #awake: WakeLockSentinel | null;
  readonly #blocks: Int16Array[] = [];

  private constructor(context: AudioContext, stream: MediaStream, awake: WakeLockSentinel | null) {
    this.#context = context;
    this.#stream = stream;
    this.#awake = awake;
    this.rate = context.sampleRate;
  }

  /**
   * Ask for the microphone and start. Rejects with the browser's `NotAllowedError` or `NotFoundError`, and with
   * `SecurityError` where the page's address is not safe enough for browsers to offer a microphone at all, and
   * `AbortError` where the worklet could not be fetched.
   * `onLost` is called when the microphone goes away: it was unplugged, or forbidden meanwhile.
   */
  static async start(onBlock: (block: Int16Array) => void, onLost: () => void): Promise<Recorder> {
    if (!navigator.mediaDevices) {
      throw new DOMException("no microphone without https", "SecurityError");
    }
    const stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
    const context = new AudioContext();
    try {
      await context.audioWorklet.addModule(captureUrl);
    } catch (error) {
      // Without its worklet nothing is recorded, so the microphone must not stay on.
      await release(stream, context);
      throw error;
    }
    const recorder = new Recorder(context, stream, await awake());
    for (const track of stream.getAudioTracks()) {
      track.onended = onLost;
    }
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    capture.port.onmessage = (event: MessageEvent<Int16Array>) => {
      recorder.#blocks.push(event.data);
      onBlock(event.data);
    };
    context.createMediaStreamSource(stream).connect(capture);
    return recorder;
  }

  /** Stop, release the microphone, and return what was recorded. */
  async stop(): Promise<Take> {
    void this.#awake?.release();
    await release(this.#stream, this.#context);
    const samples = this.#blocks.reduce((sum, block) => sum + block.length, 0);
    return { file: wavOf(this.#blocks, this.rate), seconds: samples / this.rate };
  }
}

/** Switch the microphone off. */
async function release(stream: MediaStream, context: AudioContext): Promise<void> {
  for (const track of stream.getTracks()) {
    track.stop();
  }
  if (context.state !== "closed") {
    await context.close();
  }
}

/** Keep a phone from falling asleep while somebody reads to it; where it cannot be kept awake, they may touch it. */
async function awake(): Promise<WakeLockSentinel | null> {
  try {
    return (await navigator.wakeLock?.request("screen")) ?? null;
  } catch {
    return null;
  }
}
