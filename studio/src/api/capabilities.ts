import { useQuery } from "@tanstack/react-query";
import { api, expected } from "./client";

/** What the service can do. Asking also makes it load its models, so ask before they are needed. */
export function useCapabilities() {
  return useQuery({
    queryKey: ["capabilities"],
    queryFn: () => expected(api.GET("/v1/capabilities")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
