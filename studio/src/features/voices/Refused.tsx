import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { refusalOfJob } from "../../api/jobs";
import type { Refusal } from "../../api/problem";
import { reportOf } from "../../api/report";
import type { Job, Voice } from "../../api/voices";
import { AskFirst } from "../../ui/AskFirst";
import { Button } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Notice, Trouble } from "../../ui/say";
import { Advice } from "./Advice";
import { type Names, recordingsOf, useNameOf } from "./recordings";

interface RefusedProps {
  voice: Voice;
  /** What ended the job; null where the recordings were heard and do not suffice. */
  error: Refusal | null;
  names?: Names;
  /** A job makes the voice anew. */
  onAgain: (job: Job) => void;
}

/** Why recordings make no voice: which of them is at fault, and how one goes on. */
export function Refused({ voice, error, names = {}, onAgain }: RefusedProps) {
  const { t } = useTranslation();
  const nameOf = useNameOf(voice.id, names);
  const wrong = error?.further.recording;
  // Whoever speaks well, but is not who consented, is told by no check.
  const other = !error && reportOf(voice.report)?.can_clone;
  return (
    <>
      {error ? (
        <Trouble error={error} {...(wrong && { about: nameOf(wrong) })} />
      ) : (
        <Notice tone="bad">
          <p>{t(other ? "problems.another_speaker" : "record.rejected")}</p>
        </Notice>
      )}
      {!error && !other && <Advice voiceId={voice.id} report={voice.report} names={names} />}
      <div className="row">
        {wrong && <Without voice={voice} recording={wrong} name={nameOf(wrong)} onAgain={onAgain} />}
        {!wrong && (
          <LinkButton to={`/record/${voice.id}`} look="primary" reload>
            {t("record.again")}
          </LinkButton>
        )}
      </div>
    </>
  );
}

interface WithoutProps {
  voice: Voice;
  recording: string;
  name: string;
  onAgain: (job: Job) => void;
}

/** Delete the recording that cannot be used; the voice is made of the others, or of what is recorded next. */
function Without({ voice, recording, name, onAgain }: WithoutProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const { data } = useQuery(recordingsOf(voice.id));
  const others = (data?.length ?? 0) > 1;
  const remove = async () => {
    const path = { voice_id: voice.id, recording_id: recording };
    await expected(api.DELETE("/v1/voices/{voice_id}/recordings/{recording_id}", { params: { path } }));
    if (others) {
      onAgain(await expected(api.POST("/v1/voices/{voice_id}/enrol", { params: { path } })));
      await cache.invalidateQueries({ queryKey: ["voices"] });
    } else {
      window.location.assign(`/record/${voice.id}`);
    }
  };
  return (
    <AskFirst
      title={t("recordings.sureOf", { name })}
      act={t("common.delete")}
      run={remove}
      trigger={(ask) => (
        <Button look="primary" onPress={ask}>
          {t(others ? "recordings.without" : "recordings.instead")}
        </Button>
      )}
    >
      {t(others ? "recordings.withoutWhat" : "recordings.insteadWhat")}
    </AskFirst>
  );
}

/** What ended the last job that was to make this voice, where that failed; undefined until it is known. */
export function useFailure(voice: Voice): Refusal | null | undefined {
  const { data, isPending } = useQuery({
    queryKey: ["voices", voice.id, "failure"],
    queryFn: async () => (await expected(api.GET("/v1/jobs", { params: { query: { limit: 200 } } }))).items,
    enabled: voice.owned && voice.state === "rejected",
  });
  const last = data?.find(({ kind, voice_id }) => kind === "enrol" && voice_id === voice.id);
  if (isPending) {
    return undefined;
  }
  return last && isFailed(last) ? refusalOfJob(last) : null;
}

const isFailed = ({ state }: Schemas["Job"]) => state === "failed" || state === "cancelled";
