import type { Database } from "bun:sqlite";
import { repositoryById } from "../../account/repositories.ts";
import type { Happening } from "../../check/chronicle.ts";
import { runById, runsOf } from "../../check/runs.ts";
import type { RunRow, SuiteRow } from "../../check/table.ts";
import type { DeliveryRow } from "../../delivery/table.ts";
import { suiteOf } from "../checks.ts";
import { defineCommand } from "../command.ts";

/** One line of the story. */
interface Line {
  time: number;
  text: string;
}

export default defineCommand({
  args: ["SUITE|RUN"],
  options: {},
  help: "Everything that happened to a check suite, or to it as far as it concerns one run, with times, and what it waits for now.",
  async run(context, [id = ""]) {
    const db = context.db();
    const run = runById({ db }, id.toUpperCase());
    const suite = suiteOf(db, run?.check_suite ?? id);
    const lines = story(db, suite, run);
    const now = waitsFor(db, suite, context.world.now());
    if (context.json) return await context.out.json({ suite: suite.id, run: run?.id ?? null, story: lines, now });
    const repository = repositoryById({ db }, suite.repo);
    await context.out.lines([
      `${repository?.owner}/${repository?.name} commit ${suite.head_sha}${suite.head_branch === null ? "" : `, branch ${suite.head_branch}`}${suite.pr === null ? "" : `, pull request ${suite.pr}`}`,
      ...lines.map(({ time, text }) => `${new Date(time).toISOString()} ${text}`),
      ...now,
    ]);
  },
});

function story(db: Database, suite: SuiteRow, run: RunRow | null): Line[] {
  const deliveries = db
    .query<Pick<DeliveryRow, "seq" | "event" | "recvtime">, [string]>(
      "SELECT seq, event, recvtime FROM delivery WHERE note = ? ORDER BY seq",
    )
    .all(`suite ${suite.id}`);
  const names = new Map(runsOf({ db }, suite.id).map(({ id, name }) => [id, name]));
  const happenings = db
    .query<Happening, [string]>("SELECT time, run, text FROM chronicle WHERE suite = ? ORDER BY id")
    .all(suite.id)
    .filter((one) => run === null || one.run === null || one.run === run.id);
  return [
    ...deliveries.map(({ seq, event, recvtime }) => ({ time: recvtime, text: `Webhook ${seq} (${event}) came.` })),
    ...happenings.map(({ time, run, text }) => ({
      time,
      text: (run === null ? text : `${names.get(run)}: ${text}`).replace(/\s+/g, " "),
    })),
  ].sort((a, b) => a.time - b.time);
}

function waitsFor(db: Database, { id, state, error, due, approved_by }: SuiteRow, now: number): string[] {
  if (error !== null && due !== null)
    return [`Now it is tried again in ${Math.max(0, Math.ceil((due - now) / 1000))} s: ${error}`];
  if (state === "retired") return ["Now: nothing; the repository does not want checks."];
  const open = runsOf({ db }, id).filter((run) => run.state !== "over");
  const jobs = open.map(
    (run) =>
      `Now ${run.name} waits: ${run.job === null ? "it has no job yet" : `job ${run.job} is ${run.job_state ?? "submitted"}`}.`,
  );
  if (state === "parked")
    return [approved_by === null ? "Now it waits for somebody to authorise it, or to re-run it." : "Now it waits to be re-run."];
  return jobs.length > 0 ? jobs : ["Now: nothing; it is over."];
}
