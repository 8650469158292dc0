import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { refusalOf } from "../../api/problem";
import type { Voice } from "../../api/voices";
import { Button, Field, Form } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Wave } from "../../ui/Wave";

type Version = Schemas["Version"];

interface CompareProps {
  voice: Voice;
  /** What speaks now. */
  active: Version;
  candidate: Version;
  onDone: () => void;
}

const LOOKED_THROUGH = 100;
const BAD_STARS = 2;
const LONGEST = 200;

/** The same words, drawn alike, from two versions; then one of them is chosen. */
export function Compare({ voice, active, candidate, onDone }: CompareProps) {
  const { t, i18n } = useTranslation();
  const tell = useTell();
  const cache = useQueryClient();
  const disliked = useDisliked(voice);
  const [written, setWritten] = useState<string | null>(null);
  const text = written ?? disliked ?? t(`samples.${i18n.language.slice(0, 2)}`);
  const both = useMutation({ mutationFn: () => spoken(voice, [active, candidate], text) });
  const decide = useMutation({
    mutationFn: ({ verdict }: { verdict: "activate" | "dismiss" }) =>
      expected(
        api.POST(`/v1/voices/{voice_id}/versions/{version_id}/${verdict}`, {
          params: { path: { voice_id: voice.id, version_id: candidate.id } },
        }),
      ),
    onSuccess: async (_, { verdict }) => {
      await cache.invalidateQueries({ queryKey: ["voices", voice.id] });
      tell(t(verdict === "activate" ? "compare.replaced" : "compare.kept"));
      onDone();
    },
  });
  return (
    <Form className="stack" run={both}>
      <p className="soft">{t("compare.lead")}</p>
      <Field
        label={t("compare.text")}
        value={text}
        onChange={setWritten}
        maxLength={LONGEST}
        isRequired
        {...(disliked !== null && written === null && { hint: t("compare.disliked") })}
      />
      <div>
        <Button type="submit" look="primary" isPending={both.isPending}>
          {t("compare.speak")}
        </Button>
      </div>
      <Trouble error={both.error ?? decide.error} />
      {both.data?.map((audio, at) => {
        const version = at === 0 ? active : candidate;
        const name = t(at === 0 ? "compare.now" : "compare.new", { number: version.number });
        return (
          <div key={version.id} className="stack tight">
            <strong>{name}</strong>
            <Wave audio={audio} label={name} autoPlay={at === 0} />
          </div>
        );
      })}
      {both.data && (
        <div className="row end">
          <Button isPending={decide.isPending} onPress={() => decide.mutate({ verdict: "dismiss" })}>
            {t("compare.keep")}
          </Button>
          <Button
            look="primary"
            isPending={decide.isPending}
            onPress={() => decide.mutate({ verdict: "activate" })}
          >
            {t("compare.replace")}
          </Button>
        </div>
      )}
    </Form>
  );
}

/** The last thing this voice said that was not liked; null where there is none, undefined while it is looked for. */
function useDisliked(voice: Voice): string | null | undefined {
  return useQuery({
    queryKey: ["voices", voice.id, "disliked"],
    queryFn: async () => {
      const query = { voice_id: voice.id, limit: LOOKED_THROUGH };
      const { items } = await expected(api.GET("/v1/history", { params: { query } }));
      const found = items.find(({ rating, thumb }) => (rating ? rating <= BAD_STARS : thumb === -1));
      return found ? Array.from(found.text).slice(0, LONGEST).join("") : null;
    },
  }).data;
}

/** One after the other, so that they do not slow each other down; kept nowhere. */
async function spoken(voice: Voice, versions: readonly Version[], text: string): Promise<Blob[]> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const found: Blob[] = [];
  for (const version of versions) {
    const order = {
      text,
      voice: voice.id,
      version: version.id,
      format: "wav",
      store: false,
      controls: { seed, speed: 1 },
    } satisfies Partial<Schemas["SpeechOrder"]>;
    const response = await fetch("/v1/speech", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    });
    if (!response.ok) {
      throw await refusalOf(response);
    }
    found.push(await response.blob());
  }
  return found;
}
