import { expect, it } from "vitest";
import { histogramOf, lastBound, quantile } from "./prometheus";

const PAGE = `# HELP first From request to first audio
# TYPE first histogram
first_bucket{hot="yes",le="0.1"} 10.0
first_bucket{hot="yes",le="0.2"} 90.0
first_bucket{hot="yes",le="+Inf"} 100.0
first_bucket{hot="no",le="0.1"} 0.0
first_bucket{hot="no",le="+Inf"} 2.0
first_count{hot="yes"} 100.0
`;

it("estimates quantiles within buckets", () => {
  const hot = histogramOf(PAGE, "first", { hot: "yes" });
  expect(hot.count).toBe(100);
  expect(quantile(hot, 0.5)).toBeCloseTo(0.15);
});

it("does not take the last bound for the longest wait", () => {
  const hot = histogramOf(PAGE, "first", { hot: "yes" });
  expect([quantile(hot, 0.99), lastBound(hot)]).toEqual([Number.POSITIVE_INFINITY, 0.2]);
});

it("knows nothing where nothing was measured", () => {
  expect(quantile(histogramOf(PAGE, "second", {}), 0.5)).toBeNull();
});
