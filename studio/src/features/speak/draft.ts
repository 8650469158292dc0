import type { Schemas } from "../../api/client";

/** What is being written, and how it is to be said. */
export interface Draft {
  readonly text: string;
  readonly voice: string;
  readonly language: Schemas["Language"];
  readonly speed: number;
  readonly thorough: boolean;
}

const KEPT = "yinse.draft";
const LONGEST = 200_000;
const EMPTY: Draft = { text: "", voice: "", language: "auto", speed: 1, thorough: false };

/** What an account was writing in this window; it survives a reload, and ends with the window or with signing out. */
export function draftOf(account: string): Draft {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as { account?: string; draft?: Draft };
  return kept.account === account ? { ...EMPTY, ...kept.draft } : EMPTY;
}

/** Remember it; what is far too long to be spoken is not worth the room. */
export function keepDraft(account: string, draft: Draft): void {
  if (draft.text.length <= LONGEST) {
    sessionStorage.setItem(KEPT, JSON.stringify({ account, draft }));
  }
}
