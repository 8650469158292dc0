import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../api/session";
import { speaks, useVoices } from "../../api/voices";
import { Copyable, Segments } from "../../ui/kit";
import { Head } from "../../ui/say";
import { Code } from "./Code";
import { Keys } from "./Keys";
import { SNIPPETS, type SnippetName, snippet } from "./snippets";

export default function DeveloperPage() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <>
      <Head title={t("developer.title")}>{t("developer.lead")}</Head>
      <div className="stack">
        <Keys />
        <Snippets />
        <section className="sheet stack" aria-labelledby="more">
          <h2 id="more">{t("developer.more")}</h2>
          {me.data && (
            <Copyable label={t("developer.account")} value={me.data.id} hint={t("developer.accountHint")} />
          )}
          <p className="links">
            <a href="/docs">{t("developer.docs")}</a>
            <a href="/openapi.json">{t("developer.openapi")}</a>
          </p>
        </section>
      </div>
    </>
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
      <p className="soft">{t("developer.snippetsLead")}</p>
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
