import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, expected } from "./client";
import { Refusal } from "./problem";

/** Who is signed in; null for nobody. */
export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      try {
        return await expected(api.GET("/v1/me"));
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) {
          return null;
        }
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Forget everything that was read for the account that leaves. */
export function useLeave(): () => void {
  const cache = useQueryClient();
  return () => {
    cache.clear();
    cache.setQueryData(["me"], null);
  };
}
