/** The way from a name to a voice with consent; pure. */

import type { Report } from "../../api/report";
import type { Names } from "../voices/recordings";
import type { ReadLine } from "./words";

export type CoachLanguage = "zh" | "en" | "ja";
export type Step = "prepare" | "read" | "review" | "consent";

export const STEPS: readonly Step[] = ["prepare", "read", "review", "consent"];

/** A recording that is ready to be sent: from the microphone, with what the coach last said of it, or a file. */
export interface Piece {
  readonly name: string;
  readonly blob: Blob;
  readonly report: Report | null;
  /** What was read, where sentences were shown. */
  readonly words?: readonly ReadLine[];
}

export interface Numbered extends Piece {
  readonly number: number;
}

export interface Wizard {
  readonly step: Step;
  readonly pieces: readonly Numbered[];
  /** How many pieces there were so far, dropped ones too. */
  readonly taken: number;
  readonly voiceId: string | null;
  readonly jobId: string | null;
  /** What the recordings that were sent are called. */
  readonly names: Names;
}

export type Move =
  | { type: "begin" }
  | { type: "recorded"; piece: Piece }
  | { type: "heard"; blob: Blob; report: Report }
  | { type: "more" }
  | { type: "back" }
  | { type: "dropped"; number: number }
  | { type: "sent"; voiceId: string; jobId: string; recordings: readonly string[] }
  | { type: "again"; jobId: string };

/** `voiceId` is given when an existing voice gets more recordings. */
export function opening(voiceId: string | null): Wizard {
  const step = voiceId === null ? "prepare" : "read";
  return { step, pieces: [], taken: 0, voiceId, jobId: null, names: {} };
}

export function moved(now: Wizard, move: Move): Wizard {
  switch (move.type) {
    case "begin":
    case "more":
      return { ...now, step: "read" };
    case "back":
      return { ...now, step: now.pieces.length > 0 ? "review" : "prepare" };
    case "recorded": {
      const number = now.taken + 1;
      return { ...now, step: "review", pieces: [...now.pieces, { ...move.piece, number }], taken: number };
    }
    case "heard": {
      const { blob, report } = move;
      return {
        ...now,
        pieces: now.pieces.map((piece) => (piece.blob === blob ? { ...piece, report } : piece)),
      };
    }
    case "dropped": {
      const pieces = now.pieces.filter((piece) => piece.number !== move.number);
      return { ...now, pieces, step: pieces.length > 0 ? "review" : "read" };
    }
    case "sent": {
      const { voiceId, jobId, recordings } = move;
      const names = Object.fromEntries(now.pieces.map(({ name }, at) => [recordings[at] ?? "", name]));
      return { ...now, step: "consent", pieces: [], voiceId, jobId, names };
    }
    case "again":
      return { ...now, jobId: move.jobId };
  }
}

/** Would leaving lose something? */
export function unsent(now: Wizard): boolean {
  return now.pieces.length > 0;
}

/** Seconds of clear speech the coach heard in all pieces; null where a piece was never listened to. */
export function heardSeconds(pieces: readonly Piece[]): number | null {
  return pieces.reduce<number | null>(
    (sum, { report }) => (sum === null || report === null ? null : sum + report.net_speech_s),
    0,
  );
}
