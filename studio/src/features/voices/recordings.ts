import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";

/** The recordings of a voice, oldest first, as a query. */
export const recordingsOf = (voiceId: string) => ({
  queryKey: ["voices", voiceId, "recordings"],
  queryFn: async () =>
    (await expected(api.GET("/v1/voices/{voice_id}/recordings", { params: { path: { voice_id: voiceId } } })))
      .items,
});

/** What recordings are called here, by their ids: as their files, where those were sent from this page. */
export type Names = Readonly<Record<string, string>>;

/** Says what a recording of a voice is called: as its file, else by its place in the list. */
export function useNameOf(voiceId: string, names: Names = {}): (recording: string) => string {
  const { t } = useTranslation();
  const { data } = useQuery({ ...recordingsOf(voiceId), enabled: voiceId !== "" });
  return (recording) => {
    const number = (data?.findIndex(({ id }) => id === recording) ?? -1) + 1;
    return names[recording] ?? (number > 0 ? t("recordings.one", { number }) : t("recordings.gone"));
  };
}
