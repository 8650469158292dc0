import { useMutation, useQuery } from "@tanstack/react-query";
import { Download, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import { leave, useMe } from "../../api/session";
import { Ask } from "../../ui/Ask";
import { bytes, count, save } from "../../ui/format";
import { Bar, Button, Field } from "../../ui/kit";
import { Head, Notice, Trouble, Waiting } from "../../ui/say";
import { ReceiptFacts } from "../voices/EndSection";
import { exported } from "./exported";

export default function PrivacyPage() {
  const { t } = useTranslation();
  return (
    <>
      <Head title={t("privacy.title")}>{t("privacy.lead")}</Head>
      <div className="mosaic">
        <Stored />
        <Export />
        <Receipts />
        <EraseAll />
      </div>
    </>
  );
}

function Stored() {
  const { t, i18n } = useTranslation();
  const inventory = useQuery({
    queryKey: ["inventory"],
    queryFn: () => expected(api.GET("/v1/me/inventory")),
    gcTime: 0,
  });
  const me = useMe();
  return (
    <section className="sheet stack" aria-labelledby="stored">
      <h2 id="stored">{t("privacy.stored")}</h2>
      <Trouble error={inventory.error} onRetry={() => void inventory.refetch()} />
      {inventory.isPending && <Waiting />}
      {inventory.data && (
        <dl className="tally">
          {Object.entries(inventory.data.rows).map(([kind, number]) => (
            <div key={kind}>
              <dt>{t(`kinds.${kind}`, kind)}</dt>
              <dd>{count(number, i18n.language)}</dd>
            </div>
          ))}
          <div>
            <dt>{t("privacy.sealed")}</dt>
            <dd>{bytes(inventory.data.sealed_bytes, i18n.language)}</dd>
          </div>
        </dl>
      )}
      {me.data && me.data.characters_monthly > 0 && (
        <Bar
          label={t("privacy.month")}
          value={Math.min(1, me.data.characters_used / me.data.characters_monthly)}
          note={`${count(me.data.characters_used, i18n.language)} / ${count(me.data.characters_monthly, i18n.language)}`}
        />
      )}
      <p className="small soft">{t("privacy.never")}</p>
    </section>
  );
}

function Export() {
  const { t } = useTranslation();
  const [progress, setProgress] = useState<number | null>(null);
  const run = useMutation({
    mutationFn: () => exported(setProgress),
    onSuccess: (archive) => save(archive, "yinse-export.zip", "application/zip"),
    onSettled: () => setProgress(null),
  });
  return (
    <section className="sheet stack" aria-labelledby="export">
      <h2 id="export">{t("privacy.export")}</h2>
      <p className="soft">{t("privacy.exportLead")}</p>
      <Trouble error={run.error} />
      {progress !== null && <Bar label={t("privacy.exporting")} value={progress} />}
      <div>
        <Button isPending={run.isPending} onPress={() => run.mutate()}>
          <Download className="icon" aria-hidden />
          {t("privacy.exportNow")}
        </Button>
      </div>
    </section>
  );
}

function Receipts() {
  const { t } = useTranslation();
  const receipts = useQuery({
    queryKey: ["receipts"],
    queryFn: async () => (await expected(api.GET("/v1/receipts"))).items,
  });
  return (
    <section className="sheet stack" aria-labelledby="receipts">
      <h2 id="receipts">{t("receipt.title")}</h2>
      <Trouble error={receipts.error} onRetry={() => void receipts.refetch()} />
      {receipts.data?.length === 0 && <p className="soft">{t("receipt.none")}</p>}
      {receipts.data?.map((receipt) => (
        <ReceiptFacts key={receipt.signature} receipt={receipt} />
      ))}
    </section>
  );
}

function EraseAll() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const erase = useMutation({ mutationFn: () => expected(api.DELETE("/v1/me")) });
  const word = t("erase.word");
  return (
    <section className="sheet stack" aria-labelledby="erase">
      <h2 id="erase">{t("erase.title")}</h2>
      <p className="soft">{t("erase.lead")}</p>
      <div>
        <Button look="harm" onPress={() => setAsking(true)}>
          <Trash2 className="icon" aria-hidden />
          {t("erase.title")}
        </Button>
      </div>
      <Ask title={t("erase.sure")} open={asking} onClose={() => (erase.data ? leave() : setAsking(false))}>
        {erase.data ? (
          <>
            <Notice>{t("erase.done")}</Notice>
            {erase.data.items.map((receipt) => (
              <ReceiptFacts key={receipt.signature} receipt={receipt} />
            ))}
            <div className="row end">
              <Button look="primary" onPress={leave}>
                {t("common.done")}
              </Button>
            </div>
          </>
        ) : (
          <>
            <p>{t("erase.what")}</p>
            <Field label={t("erase.type", { word })} value={typed} onChange={setTyped} autoComplete="off" />
            <Trouble error={erase.error} />
            <div className="row end">
              <Button onPress={() => setAsking(false)}>{t("common.keep")}</Button>
              <Button
                look="record"
                isDisabled={typed.trim() !== word}
                isPending={erase.isPending}
                onPress={() => erase.mutate()}
              >
                {t("erase.now")}
              </Button>
            </div>
          </>
        )}
      </Ask>
    </section>
  );
}
