import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import { speaks, type Voice } from "../../api/voices";
import { day } from "../../ui/format";
import { Ask, Button } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { ConsentReading } from "../record/ConsentReading";
import type { CoachLanguage } from "../record/wizard";

export function useConsents() {
  return useQuery({
    queryKey: ["consents"],
    queryFn: async () => (await expected(api.GET("/v1/consents"))).items,
  });
}

export function ConsentSection({ voice }: { voice: Voice }) {
  const { t, i18n } = useTranslation();
  const [reading, setReading] = useState(false);
  const consents = useConsents();
  const cache = useQueryClient();
  const valid = consents.data?.find(
    (consent) => consent.voice_id === voice.id && consent.accepted && !consent.revoked_at,
  );
  const revoke = useMutation({
    mutationFn: (id: string) =>
      expected(api.POST("/v1/consents/{consent_id}/revoke", { params: { path: { consent_id: id } } })),
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ["consents"] }),
        cache.invalidateQueries({ queryKey: ["voices"] }),
      ]),
  });
  const language: CoachLanguage =
    voice.language === "auto" ? (i18n.language as CoachLanguage) : voice.language;
  return (
    <section className="sheet stack" aria-labelledby="consent">
      <h2 id="consent">{t("consent.heading")}</h2>
      <Trouble error={consents.error ?? revoke.error} />
      {valid ? (
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
            <Button look="harm" isDisabled={revoke.isPending} onPress={() => revoke.mutate(valid.id)}>
              {t("consent.revoke")}
            </Button>
          </div>
        </>
      ) : (
        <>
          <p className="soft">{t("consent.none")}</p>
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
          <Button slot="close">{t("common.close")}</Button>
        </div>
      </Ask>
    </section>
  );
}
