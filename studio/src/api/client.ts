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

/** Send files and fields as a form; the generated client does not do multipart. Throws a `Refusal`. */
export async function sendForm<T>(path: string, form: FormData): Promise<T> {
  const response = await fetch(path, { method: "POST", body: form });
  if (!response.ok) {
    throw await refusalOf(response);
  }
  return (await response.json()) as T;
}
