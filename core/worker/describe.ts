import { type Static, Type } from "@sinclair/typebox";
import type { Core } from "../core.ts";
import { PAGE, pageToken, readPageToken } from "../http/paging.ts";
import { iso, isoOrNull, Nullable, Ulid } from "../http/schema.ts";
import { tagsOf } from "../job/describe.ts";
import { jobOf } from "../job/worker.ts";
import { costOf } from "./cost.ts";
import type { Worker, WorkerListQuery } from "./schema.ts";
import { getWorker } from "./state.ts";
import type { WorkerRow } from "./table.ts";

/** A worker as operators see it. @throws Refused 404 */
export const describeWorker = (core: Core, id: string): Worker => describe(core, getWorker(core, id));

function describe(core: Core, row: WorkerRow): Worker {
  const job = jobOf(core, row.id);
  return {
    id: row.id,
    factory: row.factory,
    factory_private: row.factory_private,
    factory_ip: row.factory_ip,
    target: row.target,
    bootstrap: row.token_hash !== null,
    cost: costOf(core, row),
    deleted: row.state === "destroyed",
    recycle: row.state === "recycling" || row.state === "destroyed",
    lastping: isoOrNull(row.lastping),
    jobs: job ? [{ id: job.id, name: job.name, owner: job.owner, state: job.state, tags: tagsOf(core, job.id) }] : [],
    hold: row.hold_time === null ? null : { time: iso(row.hold_time), reason: row.hold_reason ?? "" },
    diagnostics: row.diagnostics === 1,
    details: row.details === null ? {} : (JSON.parse(row.details) as Record<string, string>),
  };
}

/** All workers, or those whose machine may exist. */
export function allWorkers(core: Core, active: boolean): Worker[] {
  const which = active ? "WHERE state <> 'destroyed' ORDER BY +id" : "ORDER BY id";
  return core.db
    .query<WorkerRow, []>(`SELECT * FROM worker ${which}`)
    .all()
    .map((row) => describe(core, row));
}

const Start = Type.Object({ id: Nullable(Ulid), active: Type.Boolean(), factory: Nullable(Ulid) });

/** One page of workers, oldest first. @throws Refused 400 for a bad token */
export function listWorkers(core: Core, query: Static<typeof WorkerListQuery>): { items: Worker[]; next_page: string | null } {
  const start: Static<typeof Start> = query.page_token
    ? readPageToken(Start, query.page_token)
    : { id: null, active: query.active ?? false, factory: query.factory ?? null };
  const { active, factory, id } = start;
  const conditions = [
    ...(active ? ["state <> 'destroyed'"] : []),
    ...(factory === null ? [] : ["factory = +?"]),
    ...(id === null ? [] : ["id > +?"]),
  ];
  // Those that live are few and sorted; all that ever were are read in order, up to the end of the page.
  const rows = core.db
    .query<WorkerRow, (string | number)[]>(
      `SELECT * FROM worker ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
       ORDER BY ${active ? "+id" : "id"} LIMIT ?`,
    )
    .all(...[factory, id].filter((value) => value !== null), Math.min(query.limit ?? PAGE, PAGE));
  const last = rows.at(-1);
  return { items: rows.map((row) => describe(core, row)), next_page: last ? pageToken({ ...start, id: last.id }) : null };
}
