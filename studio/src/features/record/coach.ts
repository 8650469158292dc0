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
  /** Nothing more is expected of it. */
  #over = false;

  constructor(rate: number, language: string, { onReport, onLost }: Handlers) {
    this.#socket = new WebSocket(coachUrl(rate, language));
    this.#socket.onopen = () => {
      for (const block of this.#waiting) {
        this.send(block);
      }
      this.#waiting = [];
    };
    this.#socket.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as CoachMessage | { type: "error" };
      if (message.type === "error") {
        onLost();
      } else {
        onReport(message);
      }
    };
    // A service that stops closes without an error; a connection that breaks has one first.
    this.#socket.onclose = () => this.#over || onLost();
  }

  send(block: Int16Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(block as Int16Array<ArrayBuffer>);
    } else if (this.#socket.readyState === WebSocket.CONNECTING) {
      this.#waiting.push(block);
    }
  }

  /** Ask for the last report; the service closes after it. */
  finish(): void {
    this.#over = true;
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send("done");
    }
  }

  leave(): void {
    this.#over = true;
    this.#socket.close();
  }
}

export function coachUrl(rate: number, language: string, page: string = window.location.href): string {
  const url = new URL("/v1/coach", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams({ rate: String(rate), language }).toString();
  return url.href;
}
