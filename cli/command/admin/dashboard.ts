import { CallFailed } from "../../../core/client/failure.ts";
import type { Job, Target, User, Worker } from "../../../core/client/operations.ts";
import { attemptLines } from "../../../core/client/phases.ts";
import { EXIT, UsageError } from "../../../core/common/command/failure.ts";
import { inWords } from "../../../core/common/duration.ts";
import { oneLine } from "../../../core/common/table.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { costLines, totalLine } from "../../cost.ts";
import { timeOf } from "../../ids.ts";
import { Screen } from "../../screen.ts";
import { workerPages } from "../../workers.ts";

/** Between two looks with --watch, ms. */
const EVERY = 2_000;
const RECENT = 10;
const MOST_RECENT = 1_000;

interface Snapshot {
  users: User[];
  targets: Target[];
  active: Job[];
  recent: Job[];
  workers: Worker[];
}

export default defineCommand({
  options: {
    watch: { short: "w", about: "show it again and again, in place, until Ctrl-C" },
    recent: { short: "r", value: "COUNT", about: `how many of the last results (default: ${RECENT})` },
    verbose: { short: "v", about: "say how long it took to find out" },
  },
  help: "Machines with their jobs and what they cost so far, then the jobs that are queued or wait and why, then the last results.",
  async run(context, _, { watch, recent = String(RECENT), verbose }) {
    const count = Number(recent);
    if (!/^\d+$/.test(recent) || count > MOST_RECENT)
      throw new UsageError(`--recent ${recent}: expected a number up to ${MOST_RECENT}`);
    const { json, out, world } = context;
    if (watch) return await showAgain(context, count, verbose);
    const seen = await look(context, count, verbose);
    await (json ? out.json(seen) : out.lines(shown(seen, world.now())));
    return EXIT.ok;
  },
});

/** Redraws in place on a terminal; elsewhere, or with --json, prints one look after the other. Outlives a core that restarts. */
async function showAgain(context: Context, count: number, verbose: boolean): Promise<number> {
  const { out, signal, world, json } = context;
  await using screen = out.terminal && !json ? new Screen(out) : undefined;
  while (!signal.aborted) {
    try {
      const seen = await look(context, count, verbose);
      const now = world.now();
      if (json) await out.line(JSON.stringify(seen));
      else if (screen) await screen.show([`${new Date(now).toISOString()}, Ctrl-C ends this`, "", ...shown(seen, now)]);
      else await out.lines([...shown(seen, now), ""]);
    } catch (error) {
      if (signal.aborted || !(error instanceof CallFailed && error.passing)) throw error;
      out.note(`${context.explain(error)}; trying again`);
    }
    await world.sleep(EVERY, signal);
  }
  return EXIT.interrupted;
}

async function look(context: Context, count: number, verbose: boolean): Promise<Snapshot> {
  const { world, out, signal } = context;
  const client = context.admin();
  const started = world.now();
  const [users, targets, active, recent, pages] = await Promise.all([
    client.call("users_list", { query: {} }, { signal }),
    client.call("targets_list", {}, { signal }),
    client.call("admin_jobs_get", { query: { active: true } }, { signal }),
    count === 0 ? [] : client.call("admin_jobs_get", { query: { completed: count } }, { signal }),
    Array.fromAsync(workerPages(context, { active: true })),
  ]);
  if (verbose) out.note(`asked for ${world.now() - started} ms`);
  return { users, targets, active, recent, workers: pages.flat() };
}

function shown({ users, targets, active, recent, workers }: Snapshot, now: number): string[] {
  const userName = (id: string) => users.find((user) => user.id === id)?.name ?? "?MISSING";
  const targetName = (id: string) => targets.find((target) => target.id === id)?.name ?? "?MISSING";
  const onWorkers = new Set(workers.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
  const head = (job: Job) => `~~ ${job.state} job ${job.id} (user ${userName(job.owner)})`;
  const block = (job: Job) => [head(job), ...facts(job, now), ...costLines(job.cost).map((line) => `    ${line}`)];
  const rest = active.filter(({ id }) => !onWorkers.has(id));
  const inState = (state: string) => rest.filter((job) => job.state === state);
  const others = rest.filter(({ state }) => state !== "queued" && state !== "waiting");
  const lines = [
    ...(workers.length > 0 ? [totalLine(workers), ""] : []),
    ...workers.flatMap((worker) => [
      `== worker ${worker.id} (${targetName(worker.target)}, ${worker.factory_private ?? "?"})`,
      `    created: ${timeOf(worker.id)}${worker.hold ? `, held: ${worker.hold.reason}` : ""}`,
      ...costLines(worker.cost).map((line) => `    ${line}`),
      ...active.filter(({ id }) => worker.jobs.some((job) => job.id === id)).flatMap(block),
      "",
    ]),
    ...[...inState("queued"), ...inState("waiting"), ...others].flatMap((job) => [...block(job), ""]),
    ...recent.flatMap((job) => [...block(job), ""]),
  ];
  return lines.length > 0 ? lines.slice(0, -1) : ["no machines, and no jobs"];
}

function facts(job: Job, now: number): string[] {
  const { name, tags, target, target_real, times, waiting_for = [] } = job;
  const at = (which: string) => (times[which] === undefined ? undefined : Date.parse(times[which]));
  const [submit, ready, complete] = ["submit", "ready", "complete"].map(at);
  const end = complete ?? submit;
  const waited = submit === undefined || ready === undefined ? 0 : ready - submit;
  const repository = tags["gong.repo.name"] && `${tags["gong.repo.owner"]}/${tags["gong.repo.name"]}`;
  const run = tags["gong.run.github_id"];
  const lines = [
    repository
      ? `${repository} (${tags["gong.head.branch"] ?? "?"}): ${tags["gong.name"]}, commit ${tags["gong.head.sha"]}`
      : name,
    ...(repository && run ? [`https://github.com/${repository}/runs/${run}`] : []),
    `target: ${target === target_real ? target : `${target} -> ${target_real}`}`,
    ...(end === undefined
      ? []
      : [`${complete === undefined ? "submitted" : "completed"}: ${new Date(end).toISOString()} (${inWords(now - end)} ago)`]),
    ...(waited < 1000 ? [] : [`waited ${inWords(waited)} for inputs and other jobs`]),
    ...attemptLines(job),
    ...waiting_for.map((what) => `waits: ${what}`),
  ];
  return lines.map((line) => `    ${oneLine(line)}`);
}
