import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { useMe } from "../../api/session";
import { Ask } from "../../ui/Ask";
import { AskFirst } from "../../ui/AskFirst";
import { day } from "../../ui/format";
import { Button, Field, Form, Tick } from "../../ui/kit";
import { Notice, Trouble, Waiting } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Code } from "./Code";

type Scope = Schemas["Scope"];

const USUAL: readonly Scope[] = ["speech", "voices:read"];

/** Keys for programs: their secret is shown once. */
export function Keys() {
  const { t, i18n } = useTranslation();
  const [making, setMaking] = useState(false);
  const tell = useTell();
  const cache = useQueryClient();
  const keys = useQuery({
    queryKey: ["keys"],
    queryFn: async () => (await expected(api.GET("/v1/keys"))).items,
  });
  const revoke = async (id: string) => {
    await expected(api.DELETE("/v1/keys/{key_id}", { params: { path: { key_id: id } } }));
    await cache.invalidateQueries({ queryKey: ["keys"] });
    tell(t("developer.revoked"));
  };
  const wordsOf = (scope: Scope) => t(`keyScopes.${scope.replace(":", "_")}`, scope);
  const valid = keys.data?.filter((key) => !key.revoked_at) ?? [];
  return (
    <section className="sheet stack" aria-labelledby="keys" tabIndex={-1}>
      <div className="row apart">
        <h2 id="keys">{t("developer.keys")}</h2>
        <Button look="primary" onPress={() => setMaking(true)}>
          <KeyRound className="icon" aria-hidden />
          {t("developer.newKey")}
        </Button>
      </div>
      <Trouble error={keys.error} onRetry={() => void keys.refetch()} />
      {keys.isPending && <Waiting />}
      {keys.data && valid.length === 0 && <p className="soft">{t("developer.noKeys")}</p>}
      <ul className="lines">
        {valid.map((key) => (
          <li key={key.id}>
            <div>
              <strong id={key.id}>{key.name}</strong> <code className="soft">…{key.hint}</code>
              <p className="small soft">
                {key.scopes.map((scope) => wordsOf(scope)).join(t("common.comma"))} ·{" "}
                {day(key.created_at, i18n.language)}
              </p>
            </div>
            <AskFirst
              title={t("developer.revokeSure", { name: key.name })}
              act={t("developer.revoke")}
              run={() => revoke(key.id)}
              trigger={(ask) => (
                <Button look="harm" aria-describedby={key.id} onPress={ask}>
                  {t("developer.revoke")}
                </Button>
              )}
            >
              {t("developer.revokeWhat")}
            </AskFirst>
          </li>
        ))}
      </ul>
      {making && <NewKey onClose={() => setMaking(false)} />}
    </section>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const tell = useTell();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(USUAL);
  const make = useMutation({
    mutationFn: () => expected(api.POST("/v1/keys", { body: { name, scopes: [...scopes] } })),
    onSuccess: () => {
      tell(t("developer.once"), "aloud");
      void cache.invalidateQueries({ queryKey: ["keys"] }); // the key is shown at once, not when the list has come
    },
  });
  const toggle = (scope: Scope, on: boolean) =>
    setScopes((now) => (on ? [...now, scope] : now.filter((one) => one !== scope)));
  return (
    // A press beside the dialog must not take away what is shown only once.
    <Ask title={t("developer.newKey")} open {...((make.isIdle || make.isError) && { onClose })}>
      {make.data ? (
        <>
          <Notice tone="warn">{t("developer.once")}</Notice>
          <Code text={make.data.key} />
          <div className="row end">
            <Button look="primary" onPress={onClose}>
              {t("common.done")}
            </Button>
          </div>
        </>
      ) : (
        <Form className="stack" run={make}>
          <Field label={t("developer.keyName")} value={name} onChange={setName} isRequired maxLength={100} />
          <fieldset className="stack tight">
            <legend className="field-label">{t("developer.mayDo")}</legend>
            {me.data?.scopes.map((scope) => (
              <Tick key={scope} isSelected={scopes.includes(scope)} onChange={(on) => toggle(scope, on)}>
                {t(`keyScopes.${scope.replace(":", "_")}`, scope)} <code className="soft small">{scope}</code>
              </Tick>
            ))}
          </fieldset>
          <Trouble error={make.error} />
          <div className="row end">
            <Button onPress={onClose}>{t("common.cancel")}</Button>
            <Button look="primary" type="submit" isDisabled={scopes.length === 0} isPending={make.isPending}>
              {t("developer.make")}
            </Button>
          </div>
        </Form>
      )}
    </Ask>
  );
}
