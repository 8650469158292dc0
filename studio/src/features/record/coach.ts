import type { Report } from "../../api/report";

interface CoachMessage extends Report {
  type: "report" | "done";
}

interface Handlers {
  onReport: (report: Report) => void;
  /** The coach fell silent; the recording itself goes on. */
  onLost: () => void;
}

/** A live coach: send blocks of samples, hear a report every half second. It keeps nothing. */
export class Coach {
  readonly #socket: WebSocket;
  #waiting: Int16Array[] = [];
  /** Nothing more is expected of it, but perhaps its last report. */
  #over = false;
  #told: (last: Report | null) => void = () => undefined;
  readonly #last = new Promise<Report | null>((resolve) => {
    this.#told = resolve;
  });

  constructor(rate: number, language: string, { onReport, onLost }: Handlers) {
    this.#socket = new WebSocket(coachUrl(rate, language));
    this.#socket.onopen = () => {
      for (const block of this.#waiting) {
        this.send(block);
      }
      this.#waiting = [];
      if (this.#over) {
        this.#socket.send("done");
      }
    };
    this.#socket.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as CoachMessage | { type: "error" };
      if (message.type === "done") {
        this.#told(message);
      } else if (message.type === "report") {
        onReport(message);
      } else if (!this.#over) {
        onLost();
      }
    };
    // A service that stops closes without an error; a connection that breaks has one first.
    this.#socket.onclose = () => {
      this.#told(null);
      return this.#over || onLost();
    };
  }

  send(block: Int16Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(block as Int16Array<ArrayBuffer>);
    } else if (this.#socket.readyState === WebSocket.CONNECTING) {
      this.#waiting.push(block);
    }
  }

  /** The last report, of all that was sent, once it comes; null where the coach is lost. The service closes after it. */
  finish(): Promise<Report | null> {
    this.#over = true;
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send("done");
    }
    return this.#last;
  }

  /** Expect nothing more; a last report that was asked for still comes. */
  leave(): void {
    if (!this.#over) {
      this.#over = true;
      this.#socket.close();
    }
  }
}

export function coachUrl(rate: number, language: string, page: string = window.location.href): string {
  const url = new URL("/v1/coach", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams({ rate: String(rate), language }).toString();
  return url.href;
}
