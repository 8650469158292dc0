import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Mic, Trash2, WandSparkles } from "lucide-react";
import type { Dispatch } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, sendForm } from "../../api/client";
import { Button } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { Wave } from "../../ui/Wave";
import type { Plan } from "./RecordPage";
import type { Move, Piece, Wizard } from "./wizard";

interface ReviewStepProps {
  plan: Plan;
  wizard: Wizard;
  move: Dispatch<Move>;
}

export function ReviewStep({ plan, wizard, move }: ReviewStepProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const send = useMutation({
    mutationFn: () => sent(plan, wizard),
    onSuccess: (move_) => {
      void cache.invalidateQueries({ queryKey: ["voices"] });
      move(move_);
    },
  });
  return (
    <section className="stack" aria-label={t("record.reviewTitle")}>
      {wizard.pieces.map((piece, at) => (
        <article key={`${piece.name}-${piece.blob.size}`} className="sheet stack">
          <div className="row apart">
            <h2>{piece.name}</h2>
            <Button look="harm" onPress={() => move({ type: "dropped", at })}>
              <Trash2 className="icon" aria-hidden />
              {t("record.drop")}
            </Button>
          </div>
          <Wave audio={piece.blob} label={piece.name} />
        </article>
      ))}
      <Trouble error={send.error} />
      <div className="row">
        <Button look="primary" isDisabled={send.isPending} onPress={() => send.mutate()}>
          <WandSparkles className="icon" aria-hidden />
          {t(send.isPending ? "record.sending" : "record.make")}
        </Button>
        <Button onPress={() => move({ type: "more" })}>
          <Mic className="icon" aria-hidden />
          {t("record.another")}
        </Button>
      </div>
      <p className="small soft">{t("record.sealedNote")}</p>
    </section>
  );
}

async function sent(plan: Plan, { voiceId, pieces }: Wizard): Promise<Move> {
  const form = filled(pieces);
  if (voiceId !== null) {
    const job = await sendForm<Schemas["Job"]>(`/v1/voices/${voiceId}/recordings`, form);
    return { type: "sent", voiceId, jobId: job.id };
  }
  form.set("name", plan.name);
  form.set("language", plan.language);
  const { voice, job } = await sendForm<Schemas["CreatedVoice"]>("/v1/voices", form);
  return { type: "sent", voiceId: voice.id, jobId: job.id };
}

function filled(pieces: readonly Piece[]): FormData {
  const form = new FormData();
  for (const piece of pieces) {
    form.append("files", piece.blob, piece.blob.type === "audio/wav" ? "take.wav" : piece.name);
  }
  return form;
}
