import type { Job } from "../../../core/client/operations.ts";
import { attemptLines } from "../../../core/client/phases.ts";
import { UsageError } from "../../../core/common/command/failure.ts";
import { defineCommand } from "../../command.ts";
import { costLines } from "../../cost.ts";
import { checkId } from "../../ids.ts";

export default defineCommand({
  args: ["JOB..."],
  options: {
    interval: { short: "I", value: "FROM,TO", about: "print the seconds from one of the times to the other" },
    phases: { short: "P", about: "print what each attempt took: queue, boot, handover, run; and what its machines cost" },
  },
  help: `The times of a job are submit, ready, leased (a factory took it), launched (its machine was asked for), online (its agent was there),
assigned and complete. Its machine may be older than the job.

Phases: queue until a machine was asked for, or was free; boot until its agent was there; handover until that had the job; run.
With --json they are seconds, null for what an attempt has not got through. Machine time is from when a machine was asked for until it is destroyed.`,
  async run(context, ids, { interval, phases }) {
    if (phases && interval !== undefined) throw new UsageError("give either --interval or --phases, not both");
    const between = interval === undefined ? undefined : parseInterval(interval);
    const jobs: Job[] = [];
    for (const id of ids.map((id) => checkId(id, "job"))) jobs.push(await context.user().call("job_get", { path: { job: id } }));
    if (context.json)
      return await context.out.json(Object.fromEntries(jobs.map((job) => [job.id, phases ? spans(job) : job.times])));
    for (const job of jobs) {
      if (phases) await context.out.lines([...attemptLines(job), ...costLines(job.cost)].map((line) => `${job.id} ${line}`));
      else await context.out.lines(between ? [intervalLine(job, between)] : timeLines(job));
    }
  },
});

const spans = ({ attempts = [], cost = null }: Job) => ({
  attempts: attempts.map(({ number, worker, reason, phases }) => ({ number, worker, reason, ...phases })),
  cost,
});

function parseInterval(text: string): [from: string, to: string] {
  const [from, to, more] = text.split(",");
  if (from && to && more === undefined) return [from, to];
  throw new UsageError(`--interval ${text}: expected two times, such as ready,assigned`);
}

/** What happened in the same millisecond is told in this order. */
const ORDER = ["submit", "ready", "leased", "launched", "online", "assigned", "complete"];

const timeLines = ({ id, times = {} }: Job): string[] =>
  Object.entries(times)
    .sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b))
    .map(([name, time]) => ({ name, at: Date.parse(time) }))
    .sort((a, b) => a.at - b.at)
    .map(({ name, at }) => `${id} ${new Date(at).toISOString()} ${name}`);

function intervalLine({ id, times = {} }: Job, [from, to]: [string, string]): string {
  const [begin, end] = [Date.parse(times[from] ?? ""), Date.parse(times[to] ?? "")];
  const ms = end - begin;
  if (!(ms > 0)) return `${id} missing`;
  return `${id} ${new Date(begin).toISOString().slice(0, 19)}Z ${Math.floor(ms / 1000)}`;
}
