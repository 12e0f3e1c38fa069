import type { Core } from "../core.ts";
import type { JobRow } from "./table.ts";

/** What the index of active jobs is over: a query that does not say so reads the whole history. */
export const ACTIVE = "state IN ('waiting', 'queued', 'running')";

type Queued = Pick<JobRow, "id" | "owner" | "target_id">;

/** Queued jobs, oldest first, taken from the database one by one. @param targets only of these */
export function* queuedJobs(core: Core, targets?: readonly string[]): Generator<Queued> {
  const rows = core.db
    .query<Queued, []>(`SELECT id, owner, target_id FROM job WHERE state = 'queued' AND ${ACTIVE} ORDER BY id`)
    .iterate();
  for (const row of rows) if (!targets || targets.includes(row.target_id)) yield row;
}

/** How many queued jobs of the same target are older. */
export const queuedBefore = (core: Core, { id, target_id }: Pick<JobRow, "id" | "target_id">): number =>
  core.db
    .query<{ count: number }, [string, string]>(
      "SELECT count(*) AS count FROM job WHERE state = 'queued' AND target_id = ? AND id < ?",
    )
    .get(target_id, id)?.count ?? 0;

export const jobsIn = (core: Core, state: "waiting" | "queued" | "running"): JobRow[] =>
  core.db.query<JobRow, [string]>(`SELECT * FROM job WHERE state = +? AND ${ACTIVE} ORDER BY id`).all(state);

/** Ids of the jobs of a user that have not ended, oldest first. */
export const activeJobsOf = (core: Core, owner: string): string[] =>
  core.db
    .query<Pick<JobRow, "id">, [string]>(`SELECT id FROM job WHERE +owner = +? AND ${ACTIVE} ORDER BY +id`)
    .all(owner)
    .map((row) => row.id);

/** Ids of the `count` youngest jobs that have ended, oldest first. */
export const lastEnded = (core: Core, count: number): string[] =>
  core.db
    .query<Pick<JobRow, "id">, [number]>("SELECT id FROM job WHERE state IN ('completed', 'failed') ORDER BY id DESC LIMIT ?")
    .all(Math.min(count, 10_000))
    .map((row) => row.id)
    .reverse();
