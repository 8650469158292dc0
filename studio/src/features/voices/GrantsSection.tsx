import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import type { Voice } from "../../api/voices";
import { Ask } from "../../ui/Ask";
import { AskFirst } from "../../ui/AskFirst";
import { count, day } from "../../ui/format";
import { Button, Field, Form } from "../../ui/kit";
import { Trouble, Waiting } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { useConsent, useConsents } from "./consents";

const DAYS_MS = 24 * 3600 * 1000;

export function GrantsSection({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  const [giving, setGiving] = useState(false);
  const cache = useQueryClient();
  const key = ["voices", voice.id, "grants"];
  const refresh = () => cache.invalidateQueries({ queryKey: key });
  const grants = useQuery({
    queryKey: key,
    queryFn: async () =>
      (await expected(api.GET("/v1/voices/{voice_id}/grants", { params: { path: { voice_id: voice.id } } })))
        .items,
  });
  const open = grants.data?.filter((grant) => !grant.revoked_at) ?? [];
  const consents = useConsents();
  const consent = useConsent(voice.id);
  // The service refuses it too; who is told before fills in nothing in vain.
  const mayShare = !consents.data || consent?.scopes.includes("share");
  return (
    <section className="sheet stack" aria-labelledby="grants" tabIndex={-1}>
      <h2 id="grants">{t("grants.title")}</h2>
      <Trouble error={grants.error} onRetry={() => void grants.refetch()} />
      {grants.isPending && <Waiting />}
      {grants.data && open.length === 0 && <p className="soft">{t("grants.none")}</p>}
      {open.length > 0 && (
        <ul className="lines">
          {open.map((grant) => (
            <GrantLine key={grant.id} grant={grant} onEnded={refresh} />
          ))}
        </ul>
      )}
      {mayShare ? (
        <div>
          <Button onPress={() => setGiving(true)}>
            <UserPlus className="icon" aria-hidden />
            {t("grants.begin")}
          </Button>
        </div>
      ) : (
        <p className="soft">{t("grants.noConsent")}</p>
      )}
      <Ask title={t("grants.begin")} open={giving} onClose={() => setGiving(false)}>
        <NewGrant
          voice={voice}
          onClose={() => setGiving(false)}
          onGiven={() => {
            setGiving(false);
            void refresh();
          }}
        />
      </Ask>
    </section>
  );
}

function GrantLine({ grant, onEnded }: { grant: Schemas["Grant"]; onEnded: () => Promise<void> }) {
  const { t, i18n } = useTranslation();
  const tell = useTell();
  const whose = useId();
  const end = async () => {
    await expected(api.DELETE("/v1/grants/{grant_id}", { params: { path: { grant_id: grant.id } } }));
    await onEnded();
    tell(t("grants.ended"));
  };
  return (
    <li>
      <div>
        <code id={whose}>{grant.grantee_id}</code>
        <p className="small soft number">
          {t("grants.used", { used: count(grant.characters_used, i18n.language) })}
          {grant.character_quota !== null && ` / ${count(grant.character_quota, i18n.language)}`}
          {grant.expires_at && ` · ${t("grants.until", { day: day(grant.expires_at, i18n.language) })}`}
        </p>
      </div>
      <AskFirst
        title={t("grants.endSure")}
        act={t("grants.end")}
        run={end}
        trigger={(ask) => (
          <Button look="harm" aria-describedby={whose} onPress={ask}>
            {t("grants.end")}
          </Button>
        )}
      >
        {t("grants.endWhat")}
      </AskFirst>
    </li>
  );
}

interface NewGrantProps {
  voice: Voice;
  onClose: () => void;
  onGiven: () => void;
}

function NewGrant({ voice, onClose, onGiven }: NewGrantProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const [account, setAccount] = useState("");
  const [quota, setQuota] = useState("");
  const [days, setDays] = useState("30");
  const give = useMutation({
    mutationFn: () =>
      expected(
        api.POST("/v1/voices/{voice_id}/grants", {
          params: { path: { voice_id: voice.id } },
          body: {
            grantee_id: account.trim(),
            scopes: ["synthesis"],
            ...(quota && { character_quota: Number(quota) }),
            ...(days && { expires_at: new Date(Date.now() + Number(days) * DAYS_MS).toISOString() }),
          },
        }),
      ),
    onSuccess: () => {
      tell(t("grants.given"));
      onGiven();
    },
  });
  const words = { not_found: t("grants.noAccount"), consent_required: t("grants.noConsent") };
  return (
    <Form className="stack" run={give}>
      <Field
        label={t("grants.account")}
        value={account}
        onChange={setAccount}
        placeholder="acct_…"
        hint={t("grants.accountHint")}
        isRequired
      />
      <Field
        label={t("grants.quota")}
        hint={t("grants.unlimited")}
        type="number"
        least={1}
        value={quota}
        onChange={setQuota}
      />
      <Field
        label={t("grants.days")}
        hint={t("grants.unlimited")}
        type="number"
        least={1}
        value={days}
        onChange={setDays}
      />
      <Trouble error={give.error} words={words} />
      <div className="row end">
        <Button onPress={onClose}>{t("common.cancel")}</Button>
        <Button look="primary" type="submit" isPending={give.isPending}>
          {t("grants.give")}
        </Button>
      </div>
    </Form>
  );
}
