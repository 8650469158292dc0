import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { api, expected } from "./client";
import { Refusal } from "./problem";

const FRESH_MS = 60_000;

export const ENTRANCE = queryOptions({
  queryKey: ["entrance"],
  queryFn: () => expected(api.GET("/v1/entrance")),
  staleTime: FRESH_MS,
});

/** Who is signed in, if anyone, and how one may sign in. */
export function useEntrance() {
  return useQuery(ENTRANCE);
}

/** The account that is signed in; null for nobody. */
export function useMe() {
  return useQuery({ ...ENTRANCE, select: (door) => door.account });
}

/** Whoever was signed out meanwhile, as an error tells, is asked to sign in again. */
export function noticed(cache: QueryClient, error: unknown): void {
  if (error instanceof Refusal && error.status === 401) {
    void cache.invalidateQueries({ queryKey: ENTRANCE.queryKey });
  }
}

const CHANGED: readonly number[] = [404, 409];

/** As `noticed`, for what somebody did: where it met something gone or changed, the page shows what there is now. */
export function noticedDoing(cache: QueryClient, error: unknown): void {
  noticed(cache, error);
  if (error instanceof Refusal && CHANGED.includes(error.status)) {
    void cache.invalidateQueries();
  }
}

/** Leave the account: a fresh page, so that nothing that was read for it or written in it stays in memory. */
export function leave(): void {
  sessionStorage.clear();
  window.location.assign("/sign-in");
}

const KNOWN = "yinse.known";

/** Did somebody sign in with this browser before? */
export function isKnown(): boolean {
  return localStorage.getItem(KNOWN) !== null;
}

/** Remember that somebody signed in with this browser, not who. */
export function remember(): void {
  localStorage.setItem(KNOWN, "1");
}
