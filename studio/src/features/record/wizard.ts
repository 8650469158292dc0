/** The way from a name to a voice with consent; pure. */

export type CoachLanguage = "zh" | "en" | "ja";
export type Step = "prepare" | "read" | "review" | "consent";

export const STEPS: readonly Step[] = ["prepare", "read", "review", "consent"];

/** A recording that is ready to be sent: from the microphone, or a file. */
export interface Piece {
  readonly name: string;
  readonly blob: Blob;
}

export interface Wizard {
  readonly step: Step;
  readonly pieces: readonly Piece[];
  readonly voiceId: string | null;
  readonly jobId: string | null;
}

export type Move =
  | { type: "begin" }
  | { type: "recorded"; piece: Piece }
  | { type: "more" }
  | { type: "dropped"; at: number }
  | { type: "sent"; voiceId: string; jobId: string };

/** `voiceId` is given when an existing voice gets more recordings. */
export function opening(voiceId: string | null): Wizard {
  return { step: voiceId === null ? "prepare" : "read", pieces: [], voiceId, jobId: null };
}

export function moved(now: Wizard, move: Move): Wizard {
  switch (move.type) {
    case "begin":
    case "more":
      return { ...now, step: "read" };
    case "recorded":
      return { ...now, step: "review", pieces: [...now.pieces, move.piece] };
    case "dropped": {
      const pieces = now.pieces.filter((_, at) => at !== move.at);
      return { ...now, pieces, step: pieces.length > 0 ? "review" : "read" };
    }
    case "sent":
      return { ...now, step: "consent", voiceId: move.voiceId, jobId: move.jobId };
  }
}
