import type { Wollongong } from "../wollongong.ts";
import { isBehind } from "./behind.ts";
import { tell } from "./chronicle.ts";
import { wakeSuite } from "./suite.ts";
import type { RunRow } from "./table.ts";

type Known = Pick<Wollongong, "db">;

/** Of the run that tells of the suite itself; no job file may take it. */
export const CONTROL = "*control";

export const runById = ({ db }: Known, id: string): RunRow | null =>
  db.query<RunRow, [string]>("SELECT * FROM check_run WHERE id = ?").get(id);

export const runsOf = ({ db }: Known, suite: string): RunRow[] =>
  db.query<RunRow, [string]>("SELECT * FROM check_run WHERE check_suite = ? ORDER BY id").all(suite);

export const activeRuns = (wo: Known, suite: string): RunRow[] => runsOf(wo, suite).filter(({ active }) => active === 1);

export const activeRunNamed = ({ db }: Known, suite: string, name: string): RunRow | null =>
  db
    .query<RunRow, [string, string]>("SELECT * FROM check_run WHERE check_suite = ? AND name = ? AND active = 1")
    .get(suite, name);

/** Changes that come so close to each other are told together, ms. */
const SOON = 200;

export type RunChanges = Partial<Omit<RunRow, "id" | "check_suite" | "name" | "variety" | "version">>;

/** Changes that people see make a new version, which GitHub is then told. Part of the caller's transaction. */
export function updateRun(wo: Wollongong, id: string, changes: RunChanges, { seen = true } = {}): void {
  const columns = Object.keys(changes);
  const set = [...columns.map((column) => `${column} = ?`), ...(seen ? ["version = version + 1"] : [])];
  wo.db.query(`UPDATE check_run SET ${set.join(", ")} WHERE id = ?`).run(...Object.values(changes), id);
  const run = runById(wo, id);
  if (!run) return;
  // What GitHub has already may wait for what comes right after it; an end may not.
  const soon = run.github_id !== null && run.conclusion === null ? SOON : 0;
  if (seen) wakeSuite(wo, run.check_suite, wo.world.now() + soon);
  wo.bells.ring(`run ${id}`);
}

export interface NewRun {
  name: string;
  variety: RunRow["variety"];
  path?: string;
  content?: string;
}

/** The active run of that name, made where it is missing. */
export function ensureRun(wo: Wollongong, suite: string, { name, variety, path, content }: NewRun): RunRow {
  const known = activeRunNamed(wo, suite, name);
  if (known) return known;
  const id = wo.world.id();
  wo.db
    .query(
      `INSERT INTO check_run (id, check_suite, name, variety, path, content, state, time_create, announced)
       VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?)`,
    )
    .run(id, suite, name, variety, path ?? null, content ?? null, wo.world.now(), Number(isBehind(wo)));
  tell(wo, suite, id, `A run called ${name} is made.`);
  wakeSuite(wo, suite);
  const made = runById(wo, id);
  if (!made) throw new Error(`run ${id} was not made`);
  return made;
}

/** Takes a run's place away; its job, if it has one, is ended. Part of the caller's transaction. */
export function replaceRun(wo: Wollongong, run: RunRow): void {
  tell(wo, run.check_suite, run.id, "A newer run takes its place.");
  updateRun(wo, run.id, {
    active: 0,
    ...(run.state === "over" ? {} : { cancelled_by: run.cancelled_by ?? "a newer run of the same name" }),
  });
}
