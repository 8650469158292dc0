/** The report of the judge of recordings: the same live, after enrolment, and in the fake engine. */

export interface Check {
  id: string;
  value: number | null;
  unit: string;
  status: string;
  spans: readonly { start: number; end: number }[];
  advice?: Partial<Record<string, string>> | null;
}

export interface Report {
  grade: string;
  can_clone: boolean;
  net_speech_s: number;
  seconds?: number;
  progress?: number;
  checks: readonly Check[];
  /** Every recording's own, where there are several. */
  recordings?: readonly (Report & { recording?: string })[];
}

const GRAVITY: Readonly<Record<string, number>> = { fail: 2, warn: 1 };

/** A voice's report as it is stored, if it is one. */
export function reportOf(value: unknown): Report | null {
  const looksRight = typeof value === "object" && value !== null && "checks" in value && "grade" in value;
  return looksRight ? (value as Report) : null;
}

/** How grave a check is: 0 passes, 2 fails. */
export function gravity(check: Check): number {
  return GRAVITY[check.status] ?? 0;
}

/** The checks that ask for something, the gravest first. */
export function faults(report: Report): Check[] {
  return report.checks.filter((check) => gravity(check) > 0).sort((a, b) => gravity(b) - gravity(a));
}

interface Faulty {
  /** The id of a recording. */
  readonly recording: string;
  readonly checks: readonly Check[];
}

/**
 * What is to be said of all recordings of a voice, and what of single ones: those that a voice was made without, or,
 * where there is no voice, what each fails by itself.
 */
export function apart(report: Report): { alike: readonly Check[]; single: readonly Faulty[] } {
  const own = report.recordings ?? [];
  if (own.length < 2) {
    return { alike: faults(report), single: [] };
  }
  const fails = (one: Report) => faults(one).filter((check) => gravity(check) > 1);
  const all = (id: string) => own.every((one) => fails(one).some((check) => check.id === id));
  const alike = faults(report).filter(({ id }) => report.can_clone || all(id));
  const single = own
    .filter(({ can_clone }) => !can_clone)
    .map((one) => ({
      recording: one.recording ?? "",
      checks: fails(one).filter(({ id }) => report.can_clone || !all(id)),
    }));
  return { alike, single: single.filter(({ checks }) => checks.length > 0) };
}

/** One sentence of advice in a language, or English. */
export function adviceOf(check: Check, language: string): string {
  return check.advice?.[language.slice(0, 2)] ?? check.advice?.en ?? "";
}

/** Checks that only say that too little was read so far: while somebody reads, that is no fault. */
const AMOUNT: readonly string[] = ["net_speech", "segments", "longest_run"];
/** Checks of how somebody speaks, which a few words do not tell. */
const MANNER: readonly string[] = ["pitch_spread", "speaking_rate", "speech_ratio"];
const FIRST_WORDS_SECONDS = 8;

/** Does a check ask for something that somebody who is reading can do something about now? */
export function asks(check: Check, report: Report): boolean {
  const early = report.net_speech_s < FIRST_WORDS_SECONDS && MANNER.includes(check.id);
  return gravity(check) > 0 && !AMOUNT.includes(check.id) && !early;
}

/** What to tell somebody who is reading: the gravest fault that has a sentence. */
export function foremost(report: Report | null, language: string): string {
  const found =
    report && faults(report).find((check) => asks(check, report) && adviceOf(check, language) !== "");
  return found ? adviceOf(found, language) : "";
}
