import { useQuery } from "@tanstack/react-query";
import { api, expected, type Schemas } from "./client";

export type Voice = Schemas["yinse__service__voices__schemas__Voice"];
export type Job = Schemas["Job"];

const UNSETTLED = new Set(["pending", "adapting"]);
const POLL_MS = 1500;

export function useVoices() {
  return useQuery({
    queryKey: ["voices"],
    queryFn: async () => (await expected(api.GET("/v1/voices"))).items,
    refetchInterval: (query) =>
      query.state.data?.some((voice) => UNSETTLED.has(voice.state)) ? POLL_MS : false,
  });
}

export function useVoice(id: string) {
  return useQuery({
    queryKey: ["voices", id],
    queryFn: () => expected(api.GET("/v1/voices/{voice_id}", { params: { path: { voice_id: id } } })),
    refetchInterval: (query) => (UNSETTLED.has(query.state.data?.state ?? "") ? POLL_MS : false),
  });
}

/** The versions of a voice of one's own, newest first, as a query. */
export const versionsOf = (id: string) => ({
  queryKey: ["voices", id, "versions"],
  queryFn: async () =>
    (await expected(api.GET("/v1/voices/{voice_id}/versions", { params: { path: { voice_id: id } } }))).items,
});

/** Can this voice speak now? An adapting one does, as it is. */
export function speaks(voice: Voice): boolean {
  return voice.state === "ready" || voice.state === "adapting";
}
