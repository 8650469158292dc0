import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { useMe } from "../../api/session";
import { speaks, useVoices } from "../../api/voices";
import { day } from "../../ui/format";
import { Ask, Button, Field, Segments, Tick } from "../../ui/kit";
import { Head, Notice, Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { SNIPPETS, type SnippetName, snippet } from "./snippets";

type Scope = Schemas["Scope"];

const USUAL: readonly Scope[] = ["speech", "voices:read"];

export function DeveloperPage() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <>
      <Head title={t("developer.title")}>{t("developer.lead")}</Head>
      <div className="stack">
        <Keys />
        <Snippets />
        {me.data && (
          <p className="soft">
            {t("developer.account")} <code>{me.data.id}</code>
          </p>
        )}
        <p>
          <a href="/openapi.json">{t("developer.openapi")}</a>
        </p>
      </div>
    </>
  );
}

function Keys() {
  const { t, i18n } = useTranslation();
  const [making, setMaking] = useState(false);
  const cache = useQueryClient();
  const keys = useQuery({
    queryKey: ["keys"],
    queryFn: async () => (await expected(api.GET("/v1/keys"))).items,
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      expected(api.DELETE("/v1/keys/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["keys"] }),
  });
  const valid = keys.data?.filter((key) => !key.revoked_at) ?? [];
  return (
    <section className="sheet stack" aria-labelledby="keys">
      <div className="row apart">
        <h2 id="keys">{t("developer.keys")}</h2>
        <Button look="primary" onPress={() => setMaking(true)}>
          <KeyRound className="icon" aria-hidden />
          {t("developer.newKey")}
        </Button>
      </div>
      <Trouble error={keys.error ?? revoke.error} />
      {keys.data && valid.length === 0 && <p className="soft">{t("developer.noKeys")}</p>}
      <ul className="lines">
        {valid.map((key) => (
          <li key={key.id}>
            <div>
              <strong>{key.name}</strong> <code className="soft">…{key.hint}</code>
              <p className="small soft">
                {key.scopes.join(", ")} · {day(key.created_at, i18n.language)}
              </p>
            </div>
            <Button look="harm" onPress={() => revoke.mutate(key.id)}>
              {t("developer.revoke")}
            </Button>
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
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(USUAL);
  const make = useMutation({
    mutationFn: () => expected(api.POST("/v1/keys", { body: { name, scopes: [...scopes] } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["keys"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const toggle = (scope: Scope, on: boolean) =>
    setScopes((now) => (on ? [...now, scope] : now.filter((one) => one !== scope)));
  return (
    <Ask title={t("developer.newKey")} open onClose={onClose}>
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
        <form className="stack" onSubmit={submit}>
          <Field label={t("developer.keyName")} value={name} onChange={setName} isRequired maxLength={100} />
          <fieldset className="stack tight" style={{ border: 0, padding: 0, margin: 0 }}>
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
            <Button look="primary" type="submit" isDisabled={scopes.length === 0 || make.isPending}>
              {t("developer.make")}
            </Button>
          </div>
        </form>
      )}
    </Ask>
  );
}

function Snippets() {
  const { t } = useTranslation();
  const [name, setName] = useState<SnippetName>("curl");
  const voices = useVoices();
  const voice = voices.data?.find(speaks)?.id ?? "voice_…";
  return (
    <section className="sheet stack" aria-labelledby="snippets">
      <h2 id="snippets">{t("developer.snippets")}</h2>
      <div>
        <Segments<SnippetName>
          label={t("developer.snippets")}
          choices={SNIPPETS.map((id) => ({ id, label: t(`snippets.${id}`) }))}
          value={name}
          onChange={setName}
        />
      </div>
      <Code text={snippet(name, window.location.origin, voice)} />
    </section>
  );
}

function Code({ text }: { text: string }) {
  const { t } = useTranslation();
  const tell = useTell();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    tell(t("common.copied"));
  };
  return (
    <div className="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0}>{text}</pre>
      <Button look="bare" round aria-label={t("common.copy")} onPress={() => void copy()}>
        <Copy className="icon" aria-hidden />
      </Button>
    </div>
  );
}
