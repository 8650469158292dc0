import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Mic, Trash2, WandSparkles } from "lucide-react";
import { type Dispatch, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, sendForm } from "../../api/client";
import { Refusal } from "../../api/problem";
import { AskFirst } from "../../ui/AskFirst";
import { Bar, Button } from "../../ui/kit";
import { Notice, Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";
import { Wave } from "../../ui/Wave";
import { Heard } from "./Heard";
import type { Plan } from "./RecordPage";
import { UploadButton } from "./UploadButton";
import { heardSeconds, type Move, type Numbered, type Wizard } from "./wizard";

interface ReviewStepProps {
  plan: Plan;
  wizard: Wizard;
  move: Dispatch<Move>;
}

/** Seconds of clear speech below which a voice becomes poor. */
const WANTED_SECONDS = 15;

export function ReviewStep({ plan, wizard, move }: ReviewStepProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [gone, setGone] = useState(0);
  const send = useMutation({
    mutationFn: (pieces: Wizard["pieces"]) => sent(plan, wizard.voiceId, pieces, setGone),
    onMutate: () => setGone(0),
    onSuccess: (done) => {
      void cache.invalidateQueries({ queryKey: ["voices"] });
      move(done);
    },
  });
  const upload = (files: readonly File[]) => {
    for (const file of files) {
      move({ type: "recorded", piece: { name: file.name, blob: file, report: null } });
    }
  };
  const file = send.error instanceof Refusal ? send.error.further.file : null;
  const heard = wizard.voiceId === null ? heardSeconds(wizard.pieces) : null;
  return (
    <section className="stack" aria-label={t("record.reviewTitle")} tabIndex={-1}>
      {wizard.pieces.map((piece) => (
        <Take
          key={piece.number}
          piece={piece}
          fixed={send.isPending}
          onDrop={() => {
            send.reset();
            move({ type: "dropped", number: piece.number });
          }}
        />
      ))}
      {heard !== null && heard < WANTED_SECONDS && (
        <Notice tone="warn">
          {t("record.short", { seconds: Math.round(heard), wanted: WANTED_SECONDS })}
        </Notice>
      )}
      <Trouble error={send.error} about={send.variables?.[file ?? -1]?.name} />
      {send.isPending && <Bar label={t("record.sending")} value={gone < 1 ? gone : null} />}
      <div className="row">
        <Button look="primary" isPending={send.isPending} onPress={() => send.mutate(wizard.pieces)}>
          <WandSparkles className="icon" aria-hidden />
          {t(wizard.voiceId ? "record.extend" : "record.make")}
        </Button>
        <Button isDisabled={send.isPending} onPress={() => move({ type: "more" })}>
          <Mic className="icon" aria-hidden />
          {t("record.another")}
        </Button>
        <UploadButton isDisabled={send.isPending} onFiles={upload} />
      </div>
      <p className="small soft">{t("record.sealedNote")}</p>
    </section>
  );
}

interface TakeProps {
  piece: Numbered;
  /** It is being sent, and stays. */
  fixed: boolean;
  onDrop: () => void;
}

function Take({ piece, fixed, onDrop }: TakeProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const name = useId();
  const drop = async () => {
    onDrop();
    tell(t("record.dropped"));
  };
  return (
    <article className="sheet stack">
      <div className="row apart">
        <h2 id={name}>{piece.name}</h2>
        <AskFirst
          title={t("record.dropSure", { name: piece.name })}
          act={t("record.drop")}
          run={drop}
          trigger={(ask) => (
            <Button look="harm" isDisabled={fixed} aria-describedby={name} onPress={ask}>
              <Trash2 className="icon" aria-hidden />
              {t("record.drop")}
            </Button>
          )}
        >
          {t("record.dropWhat")}
        </AskFirst>
      </div>
      <Wave audio={piece.blob} label={piece.name} />
      {piece.report && <Heard report={piece.report} />}
    </article>
  );
}

async function sent(
  plan: Plan,
  voiceId: string | null,
  pieces: Wizard["pieces"],
  onSent: (share: number) => void,
): Promise<Move> {
  const form = new FormData();
  for (const { name, blob, report } of pieces) {
    form.append("files", blob, report ? "take.wav" : name);
  }
  if (pieces.some(({ words }) => words)) {
    form.set("words", JSON.stringify(pieces.map(({ words }) => words ?? null)));
  }
  if (voiceId !== null) {
    const path = `/v1/voices/${voiceId}/recordings`;
    const { id, recordings } = await sendForm<Schemas["Extension"]>(path, form, onSent);
    return { type: "sent", voiceId, jobId: id, recordings };
  }
  form.set("name", plan.name);
  form.set("language", plan.language);
  const { voice, job, recordings } = await sendForm<Schemas["CreatedVoice"]>("/v1/voices", form, onSent);
  return { type: "sent", voiceId: voice.id, jobId: job.id, recordings };
}
