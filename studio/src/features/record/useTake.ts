import { useCallback, useEffect, useRef, useState } from "react";
import type { Report } from "../../api/report";
import { meterOf, peakDb } from "../../audio/level";
import { Recorder, type Take } from "../../audio/recorder";
import { Coach } from "./coach";

export interface Recording {
  /** The browser is asking whether the page may use the microphone. */
  readonly asking: boolean;
  readonly running: boolean;
  readonly seconds: number;
  readonly level: number;
  /** What the coach last said; null before its first word, and once it is lost: what it heard is then not all. */
  readonly report: Report | null;
  readonly coachLost: boolean;
  /** The microphone went away; what was recorded until then can be had with `stop`. */
  readonly cut: boolean;
  readonly error: unknown;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<HeardTake | null>;
}

/** A take, and what the coach says of all of it once it has listened to the end; null where it does not. */
export interface HeardTake extends Take {
  readonly last: Promise<Report | null>;
}

const SILENT = {
  asking: false,
  running: false,
  seconds: 0,
  level: 0,
  report: null,
  coachLost: false,
  cut: false,
  error: null,
};

/** One take at the microphone, with the coach listening along when a language is given. */
export function useTake(coachLanguage: string | null): Recording {
  const [state, setState] = useState<Omit<Recording, "start" | "stop">>(SILENT);
  const recorder = useRef<Recorder | null>(null);
  const coach = useRef<Coach | null>(null);
  const asked = useRef(false);
  const gone = useRef(false);

  const start = useCallback(async () => {
    if (asked.current) {
      return;
    }
    asked.current = true;
    setState({ ...SILENT, asking: true });
    try {
      const hear = (block: Int16Array) => {
        coach.current?.send(block);
        const level = meterOf(peakDb(block));
        setState((now) => ({ ...now, level, seconds: now.seconds + block.length / started.rate }));
      };
      const started = await Recorder.start(hear, () => setState((now) => ({ ...now, cut: true })));
      if (gone.current) {
        void started.stop();
        return;
      }
      recorder.current = started;
      setState({ ...SILENT, running: true });
      if (coachLanguage !== null) {
        coach.current = new Coach(started.rate, coachLanguage, {
          onReport: (report) => setState((now) => ({ ...now, report })),
          onLost: () => setState((now) => ({ ...now, report: null, coachLost: true })),
        });
      }
    } catch (error) {
      asked.current = false;
      setState({ ...SILENT, error });
    }
  }, [coachLanguage]);

  const stop = useCallback(async () => {
    const take = (await recorder.current?.stop()) ?? null;
    const last = coach.current?.finish() ?? Promise.resolve(null);
    recorder.current = null;
    asked.current = false;
    setState((now) => ({ ...now, running: false, level: 0, cut: false }));
    return take && { ...take, last };
  }, []);

  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
      coach.current?.leave();
      void recorder.current?.stop();
    };
  }, []);
  return { ...state, start, stop };
}
