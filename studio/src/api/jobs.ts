import { asRefusal, type Refusal } from "./problem";
import type { Job } from "./voices";

/** Why a job ended badly, in the service's words. */
export function refusalOfJob({ state, error }: Job): Refusal {
  const { code = state, message: detail = "", recording } = error ?? {};
  return asRefusal(422, { code, detail, recording });
}

/** Follow a job to its end as server-sent events. Throws the job's own error, in the service's words. */
export function follow(id: string, onProgress: (job: Job) => void, signal: AbortSignal): Promise<Job> {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/v1/jobs/${id}/events`);
    const end = (finish: () => void) => {
      events.close();
      finish();
    };
    // A broken connection is taken up again by the browser itself; a refused one is closed for good.
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) {
        end(() => reject(new TypeError("the job's events were refused")));
      }
    });
    signal.addEventListener("abort", () => end(() => reject(signal.reason)));
    events.addEventListener("job", (event: MessageEvent<string>) => {
      const job = JSON.parse(event.data) as Job;
      onProgress(job);
      if (job.state === "succeeded") {
        end(() => resolve(job));
      } else if (job.state === "failed" || job.state === "cancelled") {
        end(() => reject(refusalOfJob(job)));
      }
    });
  });
}
