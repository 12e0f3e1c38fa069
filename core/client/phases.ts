import { inWords } from "../common/duration.ts";
import type { Attempt, Job } from "./operations.ts";

/** What is shorter is told with two digits after the point, ms. */
const SHORT = 10_000;

const PHASES = ["queue", "boot", "handover", "run"] as const;

/** `queue 3.20 s, boot 41 s, run 2 m 5 s`; empty while there is nothing to tell. */
function phasesInWords({ phases, times }: Attempt): string {
  const { ready, online } = times;
  const waited = ready !== undefined && online !== undefined && Date.parse(online) <= Date.parse(ready);
  const told = PHASES.flatMap((name) => {
    const ms = phases?.[name] == null ? null : phases[name] * 1000;
    if (ms === null || (name === "handover" && ms < 10)) return [];
    if (name === "boot" && waited) return ["no boot: the machine was there"];
    return [`${name} ${ms < SHORT ? `${(ms / 1000).toFixed(2)} s` : inWords(ms)}`];
  });
  return told.join(", ");
}

/** A line for each attempt; of several, with their number and why the earlier ones ended. */
export function attemptLines({ attempts = [] }: Job): string[] {
  const [only] = attempts;
  if (!only || attempts.length === 1) return [only ? phasesInWords(only) : ""].filter(Boolean);
  return attempts.map((attempt) => {
    const ended = attempt === attempts.at(-1) ? null : attempt.reason;
    return `attempt ${attempt.number}: ${[phasesInWords(attempt), ended].filter(Boolean).join("; ")}`;
  });
}
