import { useMutation } from "@tanstack/react-query";
import { Download, Link as LinkIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { asRefusal } from "../../api/problem";
import { withLengths } from "../../audio/wav";
import { moment, save } from "../../ui/format";
import { Button, Field } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Rating } from "./Rating";

interface UtteranceActionsProps {
  id: string;
  name: string;
  file?: Blob;
  rated?: Pick<Schemas["Generation"], "rating" | "rating_reason">;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "audio/mpeg": "mp3",
  "audio/ogg": "opus",
  "audio/flac": "flac",
  "audio/aac": "aac",
};

/** Download, share, rate: what can be done with something that was spoken. */
export function UtteranceActions({ id, name, file, rated }: UtteranceActionsProps) {
  const { t } = useTranslation();
  const path = { params: { path: { generation_id: id } } };
  const download = useMutation({
    mutationFn: async () => keep(file ?? (await audioOf(id)), `${name}-${id.slice(-6)}`),
  });
  const share = useMutation({
    mutationFn: () => expected(api.POST("/v1/history/{generation_id}/link", { ...path, body: {} })),
  });
  return (
    <div className="stack">
      <div className="row apart">
        <div className="row">
          <Button isDisabled={download.isPending} onPress={() => download.mutate()}>
            <Download className="icon" aria-hidden />
            {t("utterance.download")}
          </Button>
          <Button isDisabled={share.isPending} onPress={() => share.mutate()}>
            <LinkIcon className="icon" aria-hidden />
            {t("utterance.share")}
          </Button>
        </div>
        <Rating id={id} {...(rated && { rated })} />
      </div>
      <Trouble error={download.error ?? share.error} />
      {share.data && <SharedLink link={share.data} />}
    </div>
  );
}

function SharedLink({ link }: { link: Schemas["Link"] }) {
  const { t, i18n } = useTranslation();
  const tell = useTell();
  const copy = async () => {
    await navigator.clipboard.writeText(link.url);
    tell(t("common.copied"));
  };
  return (
    <div className="stack tight">
      <Field
        label={t("utterance.link")}
        value={link.url}
        onChange={() => undefined}
        hint={t("utterance.linkUntil", { moment: moment(link.expires_at, i18n.language) })}
      />
      <div>
        <Button onPress={() => void copy()}>{t("common.copy")}</Button>
      </div>
    </div>
  );
}

/** The audio of an utterance as it is kept; a WAV that was streamed gets its true length. */
export async function audioOf(id: string): Promise<Blob> {
  const response = await fetch(`/v1/history/${id}/audio`);
  if (!response.ok) {
    throw asRefusal(response.status, await response.json().catch(() => undefined));
  }
  const type = response.headers.get("content-type") ?? "audio/wav";
  return new Blob([withLengths(new Uint8Array(await response.arrayBuffer()))], { type });
}

async function keep(audio: Blob, name: string): Promise<void> {
  const bytes = new Uint8Array(await audio.arrayBuffer());
  save(bytes, `${name}.${EXTENSIONS[audio.type] ?? "wav"}`, audio.type);
}
