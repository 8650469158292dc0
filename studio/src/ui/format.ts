/** Numbers, dates and files in the reader's language. */

/** Seconds as m:ss. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Bytes in the largest unit that keeps a digit before the point. */
export function bytes(count: number, language: string): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(count / 1000 ** power);
  return `${number} ${units[power]}`;
}

/** Units of time, their seconds, and below how many seconds they are used. */
const UNITS = [
  ["second", 1, 90],
  ["minute", 60, 90 * 60],
  ["hour", 3600, 36 * 3600],
  ["day", 86_400, Number.POSITIVE_INFINITY],
] as const;

/** A length of time in one sensible unit, rounded up. */
export function duration(seconds: number, language: string): string {
  const [unit, length] = UNITS.find(([, , most]) => seconds < most) ?? UNITS[3];
  const style = { style: "unit", unit, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(language, style).format(Math.max(1, Math.ceil(seconds / length)));
}

/** A moment, ISO or milliseconds since 1970, as a short date with its time. */
export function moment(at: string | number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/** A time of today, milliseconds since 1970. */
export function time(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(at);
}

/** A day. */
export function day(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(iso));
}

const DAY_MS = 24 * 3600 * 1000;

/** The Monday of an ISO week such as `2026-W47`, as month and day. */
export function weekBegin(week: string, language: string): string {
  const [year = 0, number = 1] = week.split("-W").map(Number);
  // The fourth of January lies in the first week of every year.
  const fourth = new Date(Date.UTC(year, 0, 4));
  const monday = fourth.getTime() + (7 * (number - 1) - ((fourth.getUTCDay() + 6) % 7)) * DAY_MS;
  return new Intl.DateTimeFormat(language, { month: "numeric", day: "numeric", timeZone: "UTC" }).format(
    monday,
  );
}

/** A whole number with separators. */
export function count(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

/** Milliseconds, or a dash for what was never measured. */
export function milliseconds(seconds: number | null): string {
  return seconds === null ? "–" : `${Math.round(seconds * 1000)} ms`;
}

/** Save bytes as a file. */
export function save(data: Uint8Array<ArrayBuffer> | string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([data], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
