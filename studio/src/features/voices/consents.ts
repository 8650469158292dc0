import { useQuery } from "@tanstack/react-query";
import { api, expected, type Schemas } from "../../api/client";

/** Every attempt of this account to consent. */
export function useConsents() {
  return useQuery({
    queryKey: ["consents"],
    queryFn: async () => (await expected(api.GET("/v1/consents"))).items,
  });
}

/** The consent a voice stands on now, if there is one. */
export function useConsent(voiceId: string): Schemas["Consent"] | undefined {
  return useConsents().data?.find((consent) => consent.voice_id === voiceId && holds(consent));
}

function holds({ accepted, revoked_at, expires_at }: Schemas["Consent"]): boolean {
  return accepted && !revoked_at && new Date(expires_at) > new Date();
}
