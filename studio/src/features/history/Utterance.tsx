import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronUp, Play, RotateCcw, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, expected, type Schemas } from "../../api/client";
import { speaks, useVoices, type Voice } from "../../api/voices";
import { AskFirst } from "../../ui/AskFirst";
import { clock, moment } from "../../ui/format";
import { Button } from "../../ui/kit";
import { Trouble, Waiting } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Wave } from "../../ui/Wave";
import { SpokenText } from "../speak/SpokenText";
import { audioOf, UtteranceActions } from "../speak/UtteranceActions";

type Generation = Schemas["Generation"];

/** One thing that was spoken. */
export function Utterance({ item }: { item: Generation }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const go = useNavigate();
  const tell = useTell();
  // Buttons of the same name on every line: which one they are of is told with it.
  const which = useId();
  const cache = useQueryClient();
  const voices = useVoices();
  const voice = voices.data?.find(({ id }) => id === item.voice_id) ?? null;
  const name = voice?.name ?? (voices.isPending ? "" : t("history.voiceGone"));
  const remove = async () => {
    const path = { params: { path: { generation_id: item.id } } };
    await expected(api.DELETE("/v1/history/{generation_id}", path));
    await cache.invalidateQueries({ queryKey: ["history"] });
    tell(t("common.deleted"));
  };
  const again = () => go(`/speak?voice=${item.voice_id}`, { state: { text: item.text } });
  return (
    <article className="sheet stack" aria-labelledby={which}>
      <div className="row apart">
        <p className="small soft" id={which}>
          <strong>
            <bdi>{name}</bdi>
          </strong>{" "}
          · {moment(item.created_at, i18n.language)} · <span className="number">{clock(item.seconds)}</span>
        </p>
        <div className="row close">
          {item.has_audio && (
            <Button look="bare" aria-expanded={open} aria-describedby={which} onPress={() => setOpen(!open)}>
              {open ? <ChevronUp className="icon" aria-hidden /> : <Play className="icon" aria-hidden />}
              {t(open ? "common.close" : "history.listen")}
            </Button>
          )}
          {voice && speaks(voice) && (
            <Button look="bare" aria-describedby={which} onPress={again}>
              <RotateCcw className="icon" aria-hidden />
              {t("history.again")}
            </Button>
          )}
          <AskFirst
            title={t("history.sure")}
            act={t("common.delete")}
            run={remove}
            trigger={(ask) => (
              <Button
                look="harm"
                round
                aria-label={t("history.remove")}
                aria-describedby={which}
                onPress={ask}
              >
                <Trash2 className="icon" aria-hidden />
              </Button>
            )}
          >
            {t("history.what")}
          </AskFirst>
        </div>
      </div>
      {open ? (
        <Playback item={item} name={name} voice={voice} />
      ) : (
        <p dir="auto" className="spoken short">
          {item.text}
        </p>
      )}
    </article>
  );
}

function Playback({ item, name, voice }: { item: Generation; name: string; voice: Voice | null }) {
  const [seconds, setSeconds] = useState<number | null>(null);
  const audio = useQuery({
    queryKey: ["history", item.id, "audio"],
    queryFn: () => audioOf(item.id),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const marks = useQuery({
    queryKey: ["history", item.id, "marks"],
    queryFn: async () =>
      (
        await expected(
          api.GET("/v1/history/{generation_id}/marks", { params: { path: { generation_id: item.id } } }),
        )
      ).items,
  });
  const fetchAgain = () => {
    for (const query of [audio, marks]) {
      if (query.isError) {
        void query.refetch();
      }
    }
  };
  return (
    <>
      <SpokenText text={item.text} marks={marks.data ?? []} seconds={seconds} />
      <Trouble error={audio.error ?? marks.error} onRetry={fetchAgain} />
      {audio.isPending && <Waiting />}
      {audio.data && (
        <Wave audio={audio.data} label={name} autoPlay onTime={(now) => setSeconds(now || null)} />
      )}
      <UtteranceActions id={item.id} name={name} voice={voice} rated={item} />
    </>
  );
}
