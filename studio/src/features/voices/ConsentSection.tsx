import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import { speaks, type Voice } from "../../api/voices";
import { Ask } from "../../ui/Ask";
import { AskFirst } from "../../ui/AskFirst";
import { day } from "../../ui/format";
import { Button } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { ConsentReading } from "../record/ConsentReading";
import type { CoachLanguage } from "../record/wizard";
import { useConsent, useConsents } from "./consents";

export function ConsentSection({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const [reading, setReading] = useState(false);
  const consents = useConsents();
  const valid = useConsent(voice.id);
  const tell = useTell();
  const cache = useQueryClient();
  const revoke = async (id: string) => {
    await expected(api.POST("/v1/consents/{consent_id}/revoke", { params: { path: { consent_id: id } } }));
    tell(t("consent.revoked"));
    await Promise.all([
      cache.invalidateQueries({ queryKey: ["consents"] }),
      cache.invalidateQueries({ queryKey: ["voices"] }),
    ]);
  };
  const mayShare = valid?.scopes.includes("share");
  const language: CoachLanguage =
    voice.language === "auto" ? (i18n.language as CoachLanguage) : voice.language;
  return (
    <section className="sheet stack" aria-labelledby="consent" tabIndex={-1}>
      <h2 id="consent">{t("consent.heading")}</h2>
      <Trouble error={consents.error} onRetry={() => void consents.refetch()} />
      {valid && (
        <>
          <p>{t("consent.until", { day: day(valid.expires_at, i18n.language) })}</p>
          <ul className="row">
            {valid.scopes.map((scope) => (
              <li key={scope} className="badge good">
                {t(`scopes.${scope}`, scope)}
              </li>
            ))}
          </ul>
          {valid.similarity !== null && (
            <p className="small soft">{t("consent.match", { similarity: valid.similarity.toFixed(2) })}</p>
          )}
          <div>
            <AskFirst
              title={t("consent.revokeSure")}
              act={t("consent.revoke")}
              run={() => revoke(valid.id)}
              trigger={(ask) => (
                <Button look="harm" onPress={ask}>
                  {t("consent.revoke")}
                </Button>
              )}
            >
              {t("consent.revokeWhat")}
            </AskFirst>
          </div>
        </>
      )}
      {consents.data && !mayShare && (
        <>
          <p className="soft">{t(valid ? "consent.unshared" : "consent.none")}</p>
          {speaks(voice) && (
            <div>
              <Button onPress={() => setReading(true)}>{t("consent.give")}</Button>
            </div>
          )}
        </>
      )}
      <Ask title={t("consent.heading")} open={reading} onClose={() => setReading(false)}>
        <ConsentReading voiceId={voice.id} language={language} />
        <div className="row end">
          <Button onPress={() => setReading(false)}>{t("common.close")}</Button>
        </div>
      </Ask>
    </section>
  );
}
