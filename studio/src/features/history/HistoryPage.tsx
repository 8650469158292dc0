import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import { Button } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Head, Trouble, Waiting } from "../../ui/say";
import { Utterance } from "./Utterance";

const PAGE = 20;

export default function HistoryPage() {
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
      {!history.isFetchNextPageError && (
        <Trouble error={history.error} onRetry={() => void history.refetch()} />
      )}
      {history.isPending && <Waiting />}
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
      <ul className="stack" tabIndex={-1} aria-label={t("history.title")}>
        {items?.map((item) => (
          <li key={item.id}>
            <Utterance item={item} />
          </li>
        ))}
      </ul>
      {history.hasNextPage && (
        <div className="stack more">
          {history.isFetchNextPageError && <Trouble error={history.error} />}
          <div className="row center">
            <Button isPending={history.isFetchingNextPage} onPress={() => void history.fetchNextPage()}>
              {t("history.more")}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}
