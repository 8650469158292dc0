import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import type { Voice } from "../../api/voices";
import { count, day } from "../../ui/format";
import { Button, Field } from "../../ui/kit";
import { Trouble } from "../../ui/say";

const DAYS_MS = 24 * 3600 * 1000;

export function GrantsSection({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const cache = useQueryClient();
  const key = ["voices", voice.id, "grants"];
  const grants = useQuery({
    queryKey: key,
    queryFn: async () =>
      (await expected(api.GET("/v1/voices/{voice_id}/grants", { params: { path: { voice_id: voice.id } } })))
        .items,
  });
  const end = useMutation({
    mutationFn: (id: string) =>
      expected(api.DELETE("/v1/grants/{grant_id}", { params: { path: { grant_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: key }),
  });
  const open = grants.data?.filter((grant) => !grant.revoked_at) ?? [];
  return (
    <section className="sheet stack" aria-labelledby="grants">
      <h2 id="grants">{t("grants.title")}</h2>
      <Trouble error={grants.error ?? end.error} />
      {open.length === 0 && <p className="soft">{t("grants.none")}</p>}
      <ul className="lines">
        {open.map((grant) => (
          <li key={grant.id}>
            <div>
              <code>{grant.grantee_id}</code>
              <p className="small soft number">
                {t("grants.used", { used: count(grant.characters_used, i18n.language) })}
                {grant.character_quota !== null && ` / ${count(grant.character_quota, i18n.language)}`}
                {grant.expires_at && ` · ${t("grants.until", { day: day(grant.expires_at, i18n.language) })}`}
              </p>
            </div>
            <Button look="harm" onPress={() => end.mutate(grant.id)}>
              {t("grants.end")}
            </Button>
          </li>
        ))}
      </ul>
      <NewGrant voiceId={voice.id} onGiven={() => void cache.invalidateQueries({ queryKey: key })} />
    </section>
  );
}

function NewGrant({ voiceId, onGiven }: { voiceId: string; onGiven: () => void }) {
  const { t } = useTranslation();
  const [account, setAccount] = useState("");
  const [quota, setQuota] = useState("");
  const [days, setDays] = useState("30");
  const give = useMutation({
    mutationFn: () =>
      expected(
        api.POST("/v1/voices/{voice_id}/grants", {
          params: { path: { voice_id: voiceId } },
          body: {
            grantee_id: account.trim(),
            scopes: ["synthesis"],
            ...(quota && { character_quota: Number(quota) }),
            ...(days && { expires_at: new Date(Date.now() + Number(days) * DAYS_MS).toISOString() }),
          },
        }),
      ),
    onSuccess: () => {
      setAccount("");
      onGiven();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    give.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label={t("grants.account")}
        value={account}
        onChange={setAccount}
        placeholder="acct_…"
        isRequired
      />
      <div className="halves">
        <Field label={t("grants.quota")} type="number" value={quota} onChange={setQuota} />
        <Field label={t("grants.days")} type="number" value={days} onChange={setDays} />
      </div>
      <Trouble error={give.error} />
      <div>
        <Button type="submit" isDisabled={give.isPending}>
          {t("grants.give")}
        </Button>
      </div>
    </form>
  );
}
