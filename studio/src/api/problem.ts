/** A problem document (RFC 9457) as an error that the pages can show. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  /** Seconds after which another try makes sense, where the service says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, detail: string, requestId?: string, retryAfter?: number) {
    super(detail);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/** Read an error's body; what is no problem document is one of ours with the code `unreadable`. */
export function asRefusal(status: number, body: unknown, headers?: Headers): Refusal {
  const seconds = Number(headers?.get("retry-after") ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  if (isProblem(body)) {
    return new Refusal(status, body.code, body.detail, body.request_id, retryAfter);
  }
  return new Refusal(status, "unreadable", "", undefined, retryAfter);
}

/** The refusal that an answer is, its body read. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const body: unknown = await response.json().catch(() => undefined);
  return asRefusal(response.status, body, response.headers);
}

interface ProblemBody {
  code: string;
  detail: string;
  request_id?: string;
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}
