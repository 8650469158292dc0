import { useMutation } from "@tanstack/react-query";
import { Download, Link as LinkIcon, Send as SendIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { refusalOf } from "../../api/problem";
import type { Voice } from "../../api/voices";
import { moment, save } from "../../ui/format";
import { Button, Copyable } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Notice, Trouble } from "../../ui/say";
import { useConsent, useConsents } from "../voices/consents";
import { Rating } from "./Rating";

interface UtteranceActionsProps {
  id: string;
  name: string;
  voice: Voice | null;
  file?: Blob;
  rated?: Pick<Schemas["Generation"], "rating" | "thumb" | "rating_reason">;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "audio/mpeg": "mp3",
  "audio/ogg": "opus",
  "audio/flac": "flac",
  "audio/aac": "aac",
};

/** Download, share, rate: what can be done with something that was spoken. */
export function UtteranceActions({ id, name, voice, file, rated }: UtteranceActionsProps) {
  const { t, i18n } = useTranslation();
  const path = { params: { path: { generation_id: id } } };
  const download = useMutation({
    mutationFn: async () => keep(file ?? (await audioOf(id)), `${name}-${id.slice(-6)}`),
  });
  const share = useMutation({
    mutationFn: () => expected(api.POST("/v1/history/{generation_id}/link", { ...path, body: {} })),
  });
  const consents = useConsents();
  const consent = useConsent(voice?.id ?? "");
  const [refused, setRefused] = useState(false);
  // The service refuses it too; who is told before need not wait for it.
  const mayShare = !consents.data || !voice?.owned || consent?.scopes.includes("share");
  const press = () => {
    setRefused(!mayShare);
    if (mayShare) {
      share.mutate();
    }
  };
  return (
    <div className="stack">
      <div className="row apart top">
        <div className="row">
          <Button isPending={download.isPending} onPress={() => download.mutate()}>
            <Download className="icon" aria-hidden />
            {t("utterance.download")}
          </Button>
          <Button isPending={share.isPending} onPress={press}>
            <LinkIcon className="icon" aria-hidden />
            {t("utterance.share")}
          </Button>
        </div>
        <Rating id={id} {...(rated && { rated })} />
      </div>
      <Trouble error={download.error ?? share.error} />
      {refused && !mayShare && (
        <Notice tone="warn">
          <p>{t("problems.consent_required")}</p>
          <LinkButton to={`/voices/${voice?.id}#consent`}>{t("utterance.toConsent")}</LinkButton>
        </Notice>
      )}
      {share.data && (
        <>
          <Copyable
            label={t("utterance.link")}
            value={share.data.url}
            hint={t("utterance.linkUntil", { moment: moment(share.data.expires_at, i18n.language) })}
          />
          <Send url={share.data.url} title={name} />
        </>
      )}
    </div>
  );
}

/** Hands a link to the apps of a phone; where a browser knows none, it is copied. */
function Send({ url, title }: { url: string; title: string }) {
  const { t } = useTranslation();
  if (!("share" in navigator)) {
    return null;
  }
  // Whoever turns away from the list of apps has done nothing wrong.
  const send = () => navigator.share({ url, title }).catch(() => undefined);
  return (
    <div>
      <Button onPress={() => void send()}>
        <SendIcon className="icon" aria-hidden />
        {t("utterance.send")}
      </Button>
    </div>
  );
}

/** The audio of an utterance as it is kept. */
export async function audioOf(id: string): Promise<Blob> {
  const response = await fetch(`/v1/history/${id}/audio`);
  if (!response.ok) {
    throw await refusalOf(response);
  }
  return response.blob();
}

async function keep(audio: Blob, name: string): Promise<void> {
  const bytes = new Uint8Array(await audio.arrayBuffer());
  save(bytes, `${name}.${EXTENSIONS[audio.type.split(";")[0] ?? ""] ?? "wav"}`, audio.type);
}
