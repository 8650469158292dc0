/** What has arrived so far, as bars that come in from the left. */
export function LiveWave({ peaks }: { peaks: readonly number[] }) {
  const width = Math.max(120, peaks.length);
  return (
    <svg className="live-wave" viewBox={`0 0 ${width * 4} 72`} preserveAspectRatio="none" aria-hidden="true">
      {peaks.map((peak, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bars only ever grow to the right
          key={at}
          x={at * 4}
          y={36 - Math.max(1, peak * 34)}
          width="2.4"
          height={Math.max(2, peak * 68)}
          rx="1.2"
          fill="currentColor"
        />
      ))}
    </svg>
  );
}
