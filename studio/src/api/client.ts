import createClient from "openapi-fetch";
import { asRefusal, refusalOf } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

// `fetch` is looked up at each call, so that a page under test may watch it.
export const api = createClient<paths>({ fetch: (request) => globalThis.fetch(request) });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Throws a `Refusal` in the service's own words. */
export async function expected<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) {
    throw asRefusal(response.status, error, response.headers);
  }
  return data as T;
}

/**
 * Send files and fields as a form, telling what share of it, 0..1, is gone; the generated client does no multipart, and
 * `fetch` does not tell. Throws a `Refusal`, or a `TypeError` as `fetch` does where nobody answers.
 */
export function sendForm<T>(path: string, form: FormData, onSent?: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.upload.onprogress = ({ loaded, total }) => onSent?.(loaded / total);
    request.onerror = () => reject(new TypeError("nobody answered"));
    request.onload = async () => {
      const { status, response } = request;
      const retry = request.getResponseHeader("retry-after");
      const answer = new Response(response as string, {
        status,
        headers: retry ? { "retry-after": retry } : {},
      });
      if (answer.ok) {
        resolve((await answer.json()) as T);
      } else {
        reject(await refusalOf(answer));
      }
    };
    request.send(form);
  });
}
