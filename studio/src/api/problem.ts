import type { Schemas } from "./client";

/** What a problem document tells beside its code and its sentence. */
type Further = Partial<
  Pick<Schemas["Problem"], "request_id" | "retry_after" | "file" | "recording" | "quota" | "remaining">
>;

/** Statuses that say that the same request may be heard later; any other refusal below 500 is final. */
const LATER: readonly number[] = [401, 408, 409, 425, 429];

/** A problem document (RFC 9457) as an error that the pages can show. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly further: Further;
  readonly #at = Date.now();

  constructor(status: number, code: string, detail: string, further: Further = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.further = further;
  }

  /** From when on another try makes sense, where the service says so, in ms since 1970. */
  get notBefore(): number | null {
    const { retry_after } = this.further;
    return retry_after == null ? null : this.#at + retry_after * 1000;
  }

  /** Do characters not suffice? Those of a month, or those that the owner of a shared voice allows. */
  get spent(): boolean {
    return this.status === 402 || this.code === "quota_exceeded";
  }

  /** Can the same request do better, now or later today? */
  get passes(): boolean {
    return !this.spent && (this.status >= 500 || LATER.includes(this.status));
  }
}

/** Read an error's body; what is no problem document is one of ours with the code `unreadable`. */
export function asRefusal(status: number, body: unknown, headers?: Headers): Refusal {
  const seconds = Number.parseInt(headers?.get("retry-after") ?? "", 10);
  const waiting = Number.isNaN(seconds) ? {} : { retry_after: seconds };
  if (isProblem(body)) {
    return new Refusal(status, body.code, body.detail, { ...waiting, ...body });
  }
  return new Refusal(status, "unreadable", "", waiting);
}

/** The refusal that an answer is, its body read. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const body: unknown = await response.json().catch(() => undefined);
  return asRefusal(response.status, body, response.headers);
}

interface ProblemBody extends Further {
  code: string;
  detail: string;
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}
