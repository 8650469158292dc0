import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import type { Voice } from "../../api/voices";
import { bytes, moment } from "../../ui/format";
import { Button } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Trouble } from "../../ui/say";

export function RecordingsSection({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const cache = useQueryClient();
  const key = ["voices", voice.id, "recordings"];
  const recordings = useQuery({
    queryKey: key,
    queryFn: async () =>
      (
        await expected(
          api.GET("/v1/voices/{voice_id}/recordings", { params: { path: { voice_id: voice.id } } }),
        )
      ).items,
  });
  const remove = useMutation({
    mutationFn: (id: string) =>
      expected(
        api.DELETE("/v1/voices/{voice_id}/recordings/{recording_id}", {
          params: { path: { voice_id: voice.id, recording_id: id } },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: key }),
  });
  return (
    <section className="sheet stack" aria-labelledby="recordings">
      <h2 id="recordings">{t("recordings.title")}</h2>
      <Trouble error={recordings.error ?? remove.error} />
      <ul className="lines">
        {recordings.data?.map((recording, at) => (
          <li key={recording.id}>
            <div>
              <p className="small soft">
                {moment(recording.created_at, i18n.language)} · {bytes(recording.size, i18n.language)}
              </p>
              {/* biome-ignore lint/a11y/useMediaCaption: a recording of the listener's own voice */}
              <audio
                controls
                preload="none"
                aria-label={t("recordings.one", { number: at + 1 })}
                src={`/v1/voices/${voice.id}/recordings/${recording.id}/audio`}
                style={{ width: "100%" }}
              />
            </div>
            <Button
              look="harm"
              round
              aria-label={t("recordings.remove", { number: at + 1 })}
              onPress={() => remove.mutate(recording.id)}
            >
              <Trash2 className="icon" aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <div>
        <LinkButton to={`/record/${voice.id}`}>{t("recordings.add")}</LinkButton>
      </div>
    </section>
  );
}
