import type { Job } from "../../../core/client/operations.ts";
import { UsageError } from "../../../core/common/command/failure.ts";
import { defineCommand } from "../../command.ts";
import { checkId } from "../../ids.ts";

export default defineCommand({
  args: ["JOB..."],
  options: { interval: { short: "I", value: "FROM,TO", about: "print the seconds from one of the times to the other" } },
  help: "The times of a job are submit, ready, assigned and complete.",
  async run(context, ids, { interval }) {
    const between = interval === undefined ? undefined : parseInterval(interval);
    const jobs: Job[] = [];
    for (const id of ids.map((id) => checkId(id, "job"))) jobs.push(await context.user().call("job_get", { path: { job: id } }));
    if (context.json) return await context.out.json(Object.fromEntries(jobs.map(({ id, times }) => [id, times ?? {}])));
    for (const job of jobs) await context.out.lines(between ? [intervalLine(job, between)] : timeLines(job));
  },
});

function parseInterval(text: string): [from: string, to: string] {
  const [from, to, more] = text.split(",");
  if (from && to && more === undefined) return [from, to];
  throw new UsageError(`--interval ${text}: expected two times, such as ready,assigned`);
}

/** What happened in the same millisecond is told in this order. */
const ORDER = ["submit", "ready", "assigned", "complete"];

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
