import type { Wollongong } from "../wollongong.ts";
import type { SuiteRow } from "./table.ts";

type Known = Pick<Wollongong, "db">;

export const suiteById = ({ db }: Known, id: string): SuiteRow | null =>
  db.query<SuiteRow, [string]>("SELECT * FROM check_suite WHERE id = ?").get(id);

export const suiteByGitHub = ({ db }: Known, repo: number, githubId: number): SuiteRow | null =>
  db.query<SuiteRow, [number, number]>("SELECT * FROM check_suite WHERE repo = ? AND github_id = ?").get(repo, githubId);

/** @throws Error: suites are never deleted */
export function getSuite(wo: Known, id: string): SuiteRow {
  const suite = suiteById(wo, id);
  if (!suite) throw new Error(`there is no check suite ${id}`);
  return suite;
}

/** Says that there is work for a suite, from `at` on (ms). */
export function wakeSuite({ db, world, bells }: Wollongong, id: string, at = world.now()): void {
  db.query("UPDATE check_suite SET due = min(coalesce(due, ?), ?) WHERE id = ?").run(at, at, id);
  bells.ring("suite");
}

export function wakeSuitesOf(wo: Wollongong, install: number): void {
  const open = wo.db
    .query<{ id: string }, [number]>(
      "SELECT id FROM check_suite WHERE install = ? AND state IN ('created', 'planned', 'running')",
    )
    .all(install);
  for (const { id } of open) wakeSuite(wo, id);
}

/** Somebody pressed Authorise: whether they may is looked up as the suite's next work. */
export function askApproval(wo: Wollongong, { id }: SuiteRow, by: number): void {
  wo.db.query("UPDATE check_suite SET asked_by = ? WHERE id = ?").run(by, id);
  wakeSuite(wo, id);
}
