/** How loud samples are, and where that stands on a meter. */

const FLOOR_DB = -60;

/** Peak of some samples in dB below full scale, never less than -60. */
export function peakDb(samples: Int16Array): number {
  let peak = 0;
  for (const sample of samples) {
    peak = Math.max(peak, Math.abs(sample));
  }
  return peak === 0 ? FLOOR_DB : Math.max(FLOOR_DB, 20 * Math.log10(peak / 32768));
}

/** A level in dB as 0..1 of a meter. */
export function meterOf(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/** Loudest sample of each of `bins` equal parts, 0..1, for drawing. */
export function peaksOf(samples: Float32Array, bins: number): number[] {
  const width = samples.length / bins;
  return Array.from({ length: bins }, (_, bin) => {
    let peak = 0;
    for (let at = Math.floor(bin * width); at < Math.floor((bin + 1) * width); at++) {
      peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    }
    return peak;
  });
}

/** Bars brought to another number: the loudest of each part, or each as often as it is needed. */
export function fitted(bars: readonly number[], count: number): number[] {
  return Array.from({ length: bars.length === 0 ? 0 : count }, (_, at) => {
    const from = Math.floor((at * bars.length) / count);
    const to = Math.max(from + 1, Math.floor(((at + 1) * bars.length) / count));
    return Math.max(...bars.slice(from, to));
  });
}
