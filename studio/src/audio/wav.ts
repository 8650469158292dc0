/** WAV as it streams: PCM samples out of the bytes of a file whose length is not known yet, and files from samples. */

const HEADER_BYTES = 44;

/** Reads mono 16-bit PCM from a WAV stream, whatever the boundaries of its pieces. */
export class WavReader {
  rate = 0;
  #pending: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #inData = false;

  /** Returns the samples that became complete, -1..1. Throws for bytes that are not a WAV stream. */
  feed(bytes: Uint8Array): Float32Array<ArrayBuffer> {
    this.#pending = joined([this.#pending, bytes]);
    if (!this.#inData && !this.#readHeader()) {
      return new Float32Array(0);
    }
    const whole = this.#pending.length - (this.#pending.length % 2);
    const samples = floatsOf(this.#pending.subarray(0, whole));
    this.#pending = this.#pending.slice(whole);
    return samples;
  }

  #readHeader(): boolean {
    const bytes = this.#pending;
    if (bytes.length >= 12 && (ascii(bytes, 0) !== "RIFF" || ascii(bytes, 8) !== "WAVE")) {
      throw new Error("not a WAV stream");
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 12;
    while (at + 8 <= bytes.length) {
      const size = view.getUint32(at + 4, true);
      if (ascii(bytes, at) === "data") {
        this.#inData = true;
        this.#pending = bytes.slice(at + 8);
        return true;
      }
      if (ascii(bytes, at) === "fmt " && at + 16 <= bytes.length) {
        this.rate = view.getUint32(at + 12, true);
      }
      at += 8 + size + (size % 2);
    }
    return false;
  }
}

/** The same file with its true lengths, so that every player knows where it ends. */
export function withLengths(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = file.slice();
  if (bytes.length < HEADER_BYTES || ascii(bytes, 0) !== "RIFF") {
    return bytes;
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(4, bytes.length - 8, true);
  for (let at = 12; at + 8 <= bytes.length; ) {
    if (ascii(bytes, at) === "data") {
      view.setUint32(at + 4, bytes.length - at - 8, true);
      break;
    }
    at += 8 + view.getUint32(at + 4, true);
  }
  return bytes;
}

/** A mono 16-bit WAV file. */
export function wavOf(pieces: readonly Int16Array[], rate: number): Uint8Array<ArrayBuffer> {
  const samples = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + samples * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples * 2, true);
  let at = HEADER_BYTES;
  for (const piece of pieces) {
    for (const sample of piece) {
      view.setInt16(at, sample, true);
      at += 2;
    }
  }
  return bytes;
}

/** One array of many. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function floatsOf(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(i * 2, true) / 32768);
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
