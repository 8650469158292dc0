import { type UseQueryResult, useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import { refusalOf } from "../../api/problem";
import { useMe } from "../../api/session";
import { bytes, count, milliseconds, time } from "../../ui/format";
import { Button } from "../../ui/kit";
import { LinkButton } from "../../ui/LinkButton";
import { Head, Notice, Trouble, useWords, Waiting } from "../../ui/say";
import { type Histogram, histogramOf, lastBound, quantile } from "./prometheus";

const REFRESH_MS = 5000;
const QUANTILES = [0.5, 0.95, 0.99] as const;
/** The service counts the states that there are; that nothing waits or has failed is worth a word. */
const IDLE = { queued: 0, running: 0, failed: 0 };

export default function OperatorPage() {
  const { t } = useTranslation();
  const me = useMe().data;
  if (me && me.role !== "operator") {
    return (
      <>
        <Head title={t("operator.title")} />
        <Notice tone="warn">
          <p>{t("operator.notYours")}</p>
          <LinkButton to="/voices">{t("voice.toAll")}</LinkButton>
        </Notice>
      </>
    );
  }
  return (
    <>
      <Head title={t("operator.title")}>{t("operator.lead")}</Head>
      <div className="stack">
        <Health />
        <Figures />
        <div className="halves">
          <Latency />
          <Audit />
        </div>
      </div>
    </>
  );
}

function Health() {
  const { t } = useTranslation();
  const ready = useQuery({ queryKey: ["ready"], queryFn: readiness, refetchInterval: REFRESH_MS });
  return (
    <section className="sheet row apart" aria-labelledby="health">
      <h2 id="health">{t("operator.health")}</h2>
      <Trouble error={ready.error} />
      {ready.isPending && <Waiting />}
      <ul className="row">
        {Object.entries((!ready.error && ready.data?.checks) || {}).map(([name, fine]) => (
          <li key={name} className={`badge ${fine ? "good" : "bad"}`}>
            {t(`operator.checks.${name}`, name)} · {t(fine ? "operator.fine" : "operator.notFine")}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A service that is not ready answers 503 with the same body. */
async function readiness(): Promise<{ ready: boolean; checks: Record<string, boolean> }> {
  const response = await fetch("/readyz");
  if (!response.ok && response.status !== 503) {
    throw await refusalOf(response);
  }
  return (await response.json()) as { ready: boolean; checks: Record<string, boolean> };
}

/** Marks figures that could not be refreshed: why, and of when they are. */
function Stale({ of: { error, data, dataUpdatedAt } }: { of: UseQueryResult }) {
  const { t, i18n } = useTranslation();
  const words = useWords();
  if (!error || data === undefined) {
    return null;
  }
  return (
    <Notice tone="warn">
      <p>
        {words(error)} {t("operator.asOf", { time: time(dataUpdatedAt, i18n.language) })}
      </p>
    </Notice>
  );
}

function Figures() {
  const overview = useQuery({
    queryKey: ["overview"],
    queryFn: () => expected(api.GET("/v1/operator/overview")),
    refetchInterval: REFRESH_MS,
  });
  const found = overview.data;
  if (!found) {
    return (
      <>
        <Trouble error={overview.error} />
        {overview.isPending && <Waiting />}
      </>
    );
  }
  return (
    <>
      <Stale of={overview} />
      <div className="thirds">
        <Group name="house" figures={{ accounts: found.accounts, streams: found.streams }} />
        <Group name="voices" figures={found.voices} />
        <Group name="queue" figures={{ ...IDLE, ...found.jobs }} />
      </div>
      <Group name="engine" figures={found.engine as Record<string, number>} />
    </>
  );
}

function Group({ name, figures }: { name: string; figures: Record<string, number> }) {
  const { t, i18n } = useTranslation();
  return (
    <section className="sheet stack" aria-labelledby={`figures-${name}`}>
      <h2 id={`figures-${name}`}>{t(`operator.groups.${name}`)}</h2>
      {Object.keys(figures).length === 0 && <p className="soft">{t("operator.nothing")}</p>}
      <dl className="figures">
        {Object.entries(figures).map(([key, value]) => (
          <div key={key} className="figure">
            <dt>{t(`operator.names.${key}`, key)}</dt>
            <dd>{key.endsWith("bytes") ? bytes(value, i18n.language) : count(value, i18n.language)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Latency() {
  const { t, i18n } = useTranslation();
  const metrics = useQuery({
    queryKey: ["metrics"],
    queryFn: metricsPage,
    refetchInterval: REFRESH_MS,
  });
  return (
    <section className="sheet stack" aria-labelledby="latency">
      <h2 id="latency">{t("operator.latency")}</h2>
      {metrics.data === undefined && <Trouble error={metrics.error} />}
      <Stale of={metrics} />
      <p className="small soft">{t("operator.sinceStart")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may scroll, so the keyboard must reach it */}
      <div className="scroll" tabIndex={0}>
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">{t("operator.voiceWas")}</th>
              <th scope="col">P50</th>
              <th scope="col">P95</th>
              <th scope="col">P99</th>
              <th scope="col">{t("operator.utterances")}</th>
            </tr>
          </thead>
          <tbody>
            {(["yes", "no"] as const).map((hot) => {
              const histogram = histogramOf(metrics.data ?? "", "yinse_first_audio_seconds", { hot });
              return (
                <tr key={hot}>
                  <th scope="row">{t(hot === "yes" ? "operator.hot" : "operator.cold")}</th>
                  {QUANTILES.map((q) => (
                    <td key={q}>{latency(histogram, q)}</td>
                  ))}
                  <td>{count(histogram.count, i18n.language)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** What is beyond the last bound is only known to be. */
function latency(histogram: Histogram, q: number): string {
  const value = quantile(histogram, q);
  return value === Number.POSITIVE_INFINITY ? `> ${milliseconds(lastBound(histogram))}` : milliseconds(value);
}

async function metricsPage(): Promise<string> {
  const response = await fetch("/metrics");
  if (!response.ok) {
    throw await refusalOf(response);
  }
  return response.text();
}

function Audit() {
  const { t, i18n } = useTranslation();
  const verify = useMutation({ mutationFn: () => expected(api.GET("/v1/operator/audit")) });
  return (
    <section className="sheet stack" aria-labelledby="audit">
      <h2 id="audit">{t("operator.audit")}</h2>
      <p className="soft">{t("operator.auditLead")}</p>
      <Trouble error={verify.error} />
      {verify.data && (
        <Notice tone={verify.data.intact ? "good" : "bad"}>
          {t(verify.data.intact ? "operator.intact" : "operator.broken", {
            events: count(verify.data.events, i18n.language),
          })}
        </Notice>
      )}
      <div>
        <Button isPending={verify.isPending} onPress={() => verify.mutate()}>
          {t("operator.verify")}
        </Button>
      </div>
    </section>
  );
}
