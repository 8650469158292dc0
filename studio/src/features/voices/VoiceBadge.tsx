import { useTranslation } from "react-i18next";
import type { Voice } from "../../api/voices";

const TONES: Readonly<Record<string, string>> = {
  ready: "good",
  adapting: "good",
  pending: "",
  rejected: "bad",
  revoked: "warn",
};
const GRADES: Readonly<Record<string, string>> = {
  studio: "good",
  good: "good",
  ok: "warn",
  poor: "bad",
  bad: "bad",
};

function StateBadge({ state }: { state: Voice["state"] }) {
  const { t } = useTranslation();
  return <span className={`badge ${TONES[state] ?? ""}`}>{t(`states.${state}`)}</span>;
}

export function GradeBadge({ grade }: { grade: Voice["grade"] }) {
  const { t } = useTranslation();
  return grade ? <span className={`badge ${GRADES[grade] ?? ""}`}>{t(`grades.${grade}`)}</span> : null;
}

/** What a voice is: a preset, or in which state, how good, and whose. */
export function VoiceBadges({ voice }: { voice: Voice }) {
  const { t } = useTranslation();
  return (
    <span className="row">
      {voice.preset ? (
        <span className="badge">{t("voices.preset")}</span>
      ) : (
        <>
          <StateBadge state={voice.state} />
          <GradeBadge grade={voice.grade ?? null} />
          {!voice.owned && <span className="badge">{t("voices.shared")}</span>}
        </>
      )}
    </span>
  );
}

/** A voice's own mark, drawn from its id: the same voice always looks the same. */
export function VoicePrint({ id }: { id: string }) {
  const bars = 36;
  return (
    <svg className="print" viewBox={`0 0 ${bars * 7} 48`} preserveAspectRatio="none" aria-hidden="true">
      {printOf(id, bars).map((height, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed row of bars
          key={at}
          x={at * 7 + 2}
          y={24 - height * 22}
          width="3"
          height={height * 44}
          rx="1.5"
          fill="currentColor"
          opacity={0.35 + height * 0.6}
        />
      ))}
    </svg>
  );
}

function printOf(id: string, bars: number): number[] {
  let state = 2166136261;
  for (const character of id) {
    state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  }
  return Array.from({ length: bars }, (_, at) => {
    state = Math.imul(state ^ (state >>> 13), 1274126177) + at;
    const noise = ((state >>> 8) & 0xffff) / 0xffff;
    return 0.12 + 0.88 * noise * Math.sin((Math.PI * (at + 0.5)) / bars) ** 0.7;
  });
}
