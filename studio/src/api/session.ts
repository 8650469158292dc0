import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, expected } from "./client";

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

/** Leave the account: a fresh page, so that nothing that was read for it stays in memory. */
export function leave(): void {
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
