/** Quantiles from a Prometheus page, as `histogram_quantile` estimates them within buckets. */

export interface Histogram {
  /** upper bound in seconds -> observations at or below it */
  readonly buckets: readonly (readonly [number, number])[];
  readonly count: number;
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)/;

/** One histogram with these labels. */
export function histogramOf(page: string, name: string, labels: Readonly<Record<string, string>>): Histogram {
  const buckets: [number, number][] = [];
  for (const line of page.split("\n")) {
    const [, metric, labelled = "", value = ""] = SAMPLE.exec(line) ?? [];
    if (
      metric !== `${name}_bucket` ||
      !Object.entries(labels).every(([k, v]) => labelled.includes(`${k}="${v}"`))
    ) {
      continue;
    }
    const bound = /le="([^"]+)"/.exec(labelled)?.[1] ?? "";
    buckets.push([bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound), Number(value)]);
  }
  buckets.sort((a, b) => a[0] - b[0]);
  return { buckets, count: buckets.at(-1)?.[1] ?? 0 };
}

/** The greatest bound that is a number, in seconds. */
export function lastBound({ buckets }: Histogram): number {
  return Math.max(0, ...buckets.map(([bound]) => bound).filter(Number.isFinite));
}

/**
 * The value below which a share `q` of the observations lie, linear within its bucket; infinite where it lies beyond
 * the last bound, null without any.
 */
export function quantile(histogram: Histogram, q: number): number | null {
  const rank = histogram.count * q;
  let [below, counted] = [0, 0];
  for (const [bound, number] of histogram.buckets) {
    if (number >= rank && number > counted) {
      return Number.isFinite(bound)
        ? below + ((bound - below) * (rank - counted)) / (number - counted)
        : bound;
    }
    [below, counted] = [bound, number];
  }
  return null;
}
