import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronUp, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { refusalOf } from "../../api/problem";
import type { Voice } from "../../api/voices";
import { AskFirst } from "../../ui/AskFirst";
import { bytes, moment } from "../../ui/format";
import { Button } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Trouble, Waiting } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Wave } from "../../ui/Wave";
import { recordingsOf } from "./recordings";

export function RecordingsSection({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  const recordings = useQuery(recordingsOf(voice.id));
  return (
    <section className="sheet stack" aria-labelledby="recordings" tabIndex={-1}>
      <h2 id="recordings">{t("recordings.title")}</h2>
      <Trouble error={recordings.error} onRetry={() => void recordings.refetch()} />
      {recordings.isPending && <Waiting />}
      <ul className="lines">
        {recordings.data?.map((recording, at) => (
          <RecordingLine key={recording.id} voice={voice} recording={recording} number={at + 1} />
        ))}
      </ul>
      <div>
        <LinkButton to={`/record/${voice.id}`}>{t("recordings.add")}</LinkButton>
      </div>
    </section>
  );
}

interface RecordingLineProps {
  voice: Voice;
  recording: Schemas["Recording"];
  number: number;
}

function RecordingLine({ voice, recording, number }: RecordingLineProps) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const tell = useTell();
  const cache = useQueryClient();
  const name = t("recordings.one", { number });
  const remove = async () => {
    const path = { voice_id: voice.id, recording_id: recording.id };
    await expected(api.DELETE("/v1/voices/{voice_id}/recordings/{recording_id}", { params: { path } }));
    await cache.invalidateQueries({ queryKey: recordingsOf(voice.id).queryKey });
    tell(t("common.deleted"));
  };
  return (
    <li>
      <div>
        <p>{name}</p>
        <p className="small soft">
          {moment(recording.created_at, i18n.language)} · {bytes(recording.size, i18n.language)}
        </p>
      </div>
      <div className="row close">
        <Button
          look="bare"
          round
          aria-label={open ? t("common.close") : t("common.play", { what: name })}
          aria-expanded={open}
          onPress={() => setOpen(!open)}
        >
          {open ? <ChevronUp className="icon" aria-hidden /> : <Play className="icon" aria-hidden />}
        </Button>
        <AskFirst
          title={t("recordings.sure", { number })}
          act={t("common.delete")}
          run={remove}
          trigger={(ask) => (
            <Button look="harm" round aria-label={t("recordings.remove", { number })} onPress={ask}>
              <Trash2 className="icon" aria-hidden />
            </Button>
          )}
        >
          {t("recordings.what")}
        </AskFirst>
      </div>
      {open && <Sound address={`/v1/voices/${voice.id}/recordings/${recording.id}/audio`} name={name} />}
    </li>
  );
}

function Sound({ address, name }: { address: string; name: string }) {
  const audio = useQuery({ queryKey: [address], queryFn: () => blobAt(address), gcTime: 0 });
  return (
    <div className="whole">
      <Trouble error={audio.error} onRetry={() => void audio.refetch()} />
      {audio.isPending && <Waiting />}
      {audio.data && <Wave audio={audio.data} label={name} autoPlay />}
    </div>
  );
}

async function blobAt(address: string): Promise<Blob> {
  const response = await fetch(address);
  if (!response.ok) {
    throw await refusalOf(response);
  }
  return response.blob();
}
