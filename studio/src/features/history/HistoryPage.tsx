import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, expected, type Schemas } from "../../api/client";
import { useVoices } from "../../api/voices";
import { clock, moment } from "../../ui/format";
import { Button } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Head, Trouble } from "../../ui/say";
import { Wave } from "../../ui/Wave";
import { SpokenText } from "../speak/SpokenText";
import { audioOf, UtteranceActions } from "../speak/UtteranceActions";

type Generation = Schemas["Generation"];

const PAGE = 20;

export function HistoryPage() {
  const { t } = useTranslation();
  const history = useInfiniteQuery({
    queryKey: ["history"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      expected(
        api.GET("/v1/history", {
          params: { query: { limit: PAGE, ...(pageParam && { before: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
  const items = history.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <Head title={t("history.title")}>{t("history.lead")}</Head>
      <Trouble error={history.error} />
      {items?.length === 0 && (
        <Empty
          title={t("history.emptyTitle")}
          action={
            <LinkButton to="/speak" look="primary">
              {t("history.toSpeak")}
            </LinkButton>
          }
        >
          {t("history.empty")}
        </Empty>
      )}
      <ul className="stack">
        {items?.map((item) => (
          <li key={item.id}>
            <Utterance item={item} />
          </li>
        ))}
      </ul>
      {history.hasNextPage && (
        <div className="row" style={{ marginTop: "1.5rem", justifyContent: "center" }}>
          <Button isDisabled={history.isFetchingNextPage} onPress={() => void history.fetchNextPage()}>
            {t("history.more")}
          </Button>
        </div>
      )}
    </>
  );
}

function Utterance({ item }: { item: Generation }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const go = useNavigate();
  const cache = useQueryClient();
  const voices = useVoices();
  const name = voices.data?.find((voice) => voice.id === item.voice_id)?.name ?? t("history.voiceGone");
  const remove = useMutation({
    mutationFn: () =>
      expected(api.DELETE("/v1/history/{generation_id}", { params: { path: { generation_id: item.id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["history"] }),
  });
  const again = () => go(`/speak?voice=${item.voice_id}`, { state: { text: item.text } });
  return (
    <article className="sheet stack">
      <div className="row apart">
        <p className="small soft">
          <strong>{name}</strong> · {moment(item.created_at, i18n.language)} ·{" "}
          <span className="number">{clock(item.seconds)}</span>
        </p>
        <div className="row" style={{ gap: 0 }}>
          {item.has_audio && !open && (
            <Button look="bare" onPress={() => setOpen(true)}>
              <Play className="icon" aria-hidden />
              {t("history.listen")}
            </Button>
          )}
          <Button look="bare" onPress={again}>
            <RotateCcw className="icon" aria-hidden />
            {t("history.again")}
          </Button>
          <Button look="harm" round aria-label={t("history.remove")} onPress={() => remove.mutate()}>
            <Trash2 className="icon" aria-hidden />
          </Button>
        </div>
      </div>
      <Trouble error={remove.error} />
      {open ? <Playback item={item} name={name} /> : <p className="spoken">{item.text}</p>}
    </article>
  );
}

function Playback({ item, name }: { item: Generation; name: string }) {
  const [seconds, setSeconds] = useState(0);
  const audio = useQuery({
    queryKey: ["history", item.id, "audio"],
    queryFn: () => audioOf(item.id),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const marks = useQuery({
    queryKey: ["history", item.id, "marks"],
    queryFn: async () =>
      (
        await expected(
          api.GET("/v1/history/{generation_id}/marks", { params: { path: { generation_id: item.id } } }),
        )
      ).items,
  });
  return (
    <>
      <SpokenText text={item.text} marks={marks.data ?? []} seconds={seconds} />
      <Trouble error={audio.error} />
      {audio.data && <Wave audio={audio.data} label={name} autoPlay onTime={setSeconds} />}
      <UtteranceActions id={item.id} name={name} rated={item} />
    </>
  );
}
