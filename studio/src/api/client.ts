import createClient from "openapi-fetch";
import { asRefusal } from "./problem";
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
    throw asRefusal(response.status, error);
  }
  return data as T;
}

/** Send files and fields as a form; the generated client does not do multipart. Throws a `Refusal`. */
export async function sendForm<T>(path: string, form: FormData): Promise<T> {
  const response = await fetch(path, { method: "POST", body: form });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw asRefusal(response.status, body);
  }
  return body as T;
}
