import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, expected, type Schemas } from "../../api/client";
import type { Voice } from "../../api/voices";
import { Ask } from "../../ui/Ask";
import { moment, save } from "../../ui/format";
import { Button } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";

/** Pause a voice, let it speak again, or destroy it and keep the receipt. */
export function EndSection({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const cache = useQueryClient();
  const path = { params: { path: { voice_id: voice.id } } };
  const tell = useTell();
  const paused = voice.state === "revoked";
  const pause = useMutation({
    mutationFn: () =>
      paused
        ? expected(api.POST("/v1/voices/{voice_id}/restore", path))
        : expected(api.POST("/v1/voices/{voice_id}/revoke", path)),
    onSuccess: () => {
      tell(t(paused ? "end.resumed" : "end.paused"));
      return cache.invalidateQueries({ queryKey: ["voices"] });
    },
  });
  return (
    <section className="sheet stack" aria-labelledby="end">
      <h2 id="end">{t("end.title")}</h2>
      <p className="soft">{t("end.lead")}</p>
      <Trouble error={pause.error} />
      <div className="row">
        {voice.state !== "rejected" && (
          <Button isPending={pause.isPending} onPress={() => pause.mutate()}>
            {t(paused ? "end.restore" : "end.pause")}
          </Button>
        )}
        <Button look="harm" onPress={() => setAsking(true)}>
          <Trash2 className="icon" aria-hidden />
          {t("end.delete")}
        </Button>
      </div>
      <DeleteDialog voice={voice} open={asking} onClose={() => setAsking(false)} />
    </section>
  );
}

function DeleteDialog({ voice, open, onClose }: { voice: Voice; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const tell = useTell();
  const cache = useQueryClient();
  const destroy = useMutation({
    mutationFn: () =>
      expected(api.DELETE("/v1/voices/{voice_id}", { params: { path: { voice_id: voice.id } } })),
    onSuccess: async () => {
      tell(t("end.deleted", { name: voice.name }), "aloud");
      // Nobody asks after it any more: the page stays behind its receipt.
      await cache.cancelQueries({ queryKey: ["voices", voice.id] });
      cache.setQueryData(["voices", voice.id], { ...voice, state: "deleted" });
    },
  });
  const leave = () => {
    if (destroy.data) {
      cache.removeQueries({ queryKey: ["voices", voice.id] });
      void cache.invalidateQueries({ queryKey: ["voices"], exact: true });
      go("/voices");
    }
    onClose();
  };
  return (
    <Ask
      title={t(destroy.data ? "end.deleted" : "end.sure", { name: voice.name })}
      open={open}
      onClose={leave}
    >
      {destroy.data ? (
        <>
          <ReceiptFacts receipt={destroy.data} />
          <div className="row end">
            <Button look="primary" onPress={leave}>
              {t("common.done")}
            </Button>
          </div>
        </>
      ) : (
        <>
          <p>{t("end.what")}</p>
          <Trouble error={destroy.error} />
          <div className="row end">
            <Button onPress={leave}>{t("common.keep")}</Button>
            <Button look="record" isPending={destroy.isPending} onPress={() => destroy.mutate()}>
              {t("end.deleteForGood")}
            </Button>
          </div>
        </>
      )}
    </Ask>
  );
}

export function ReceiptFacts({ receipt }: { receipt: Schemas["Receipt"] }) {
  const { t, i18n } = useTranslation();
  const statement = receipt.statement as Record<string, string | number>;
  const keep = () =>
    save(JSON.stringify(receipt, null, 2), `receipt-${statement.voice_id}.json`, "application/json");
  return (
    <div className="stack">
      <dl className="facts">
        <dt>{t("receipt.voice")}</dt>
        <dd>
          <code>{statement.voice_id}</code>
        </dd>
        <dt>{t("receipt.when")}</dt>
        <dd>{moment(String(statement.deleted_at), i18n.language)}</dd>
        <dt>{t("receipt.objects")}</dt>
        <dd>{statement.object_count}</dd>
        <dt>{t("receipt.signature")}</dt>
        <dd>
          <code>{receipt.signature.slice(0, 24)}…</code>
        </dd>
      </dl>
      <div>
        <Button onPress={keep}>
          <Download className="icon" aria-hidden />
          {t("receipt.save")}
        </Button>
      </div>
    </div>
  );
}
