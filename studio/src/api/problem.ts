/** A problem document (RFC 9457) as an error that the pages can show. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;

  constructor(status: number, code: string, detail: string, requestId?: string) {
    super(detail);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

/** Read an error's body; what is no problem document is one of ours with the code `unreadable`. */
export function asRefusal(status: number, body: unknown): Refusal {
  if (isProblem(body)) {
    return new Refusal(status, body.code, body.detail, body.request_id);
  }
  return new Refusal(status, "unreadable", "");
}

interface ProblemBody {
  code: string;
  detail: string;
  request_id?: string;
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}
