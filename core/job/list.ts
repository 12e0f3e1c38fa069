import { type Static, Type } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { PAGE, pageToken, readPageToken } from "../http/paging.ts";
import { Nullable, Ulid } from "../http/schema.ts";
import { describeListEntry } from "./describe.ts";
import type { JobListEntry, JobListQuery } from "./schema.ts";
import type { JobRow } from "./table.ts";

const MOST_TAGS = 8;

const Start = Type.Object({ id: Nullable(Ulid), recent_first: Type.Boolean(), tag: Nullable(Type.String()) });

/**
 * One page of jobs. A page that is not empty names a next one, which may be.
 *
 * @param owner only this user's; undefined: everybody's @throws Refused 400 for a bad tag filter or token
 */
export function listJobs(
  core: Core,
  owner: string | undefined,
  query: Static<typeof JobListQuery>,
): { items: JobListEntry[]; next_page: string | null } {
  const start: Static<typeof Start> = query.page_token
    ? readPageToken(Start, query.page_token)
    : { id: null, recent_first: query.recent_first ?? false, tag: query.tag ?? null };
  const tags = parseTagFilter(start.tag);
  const conditions = [
    ...(owner === undefined ? [] : ["owner = +?"]),
    ...(start.id === null ? [] : [start.recent_first ? "id < +?" : "id > +?"]),
    ...tags.map(([name, value]) => (isCommon(core, name, value) ? HAS_TAG : OF_TAG)),
  ];
  const values = [...(owner === undefined ? [] : [owner]), ...(start.id === null ? [] : [start.id]), ...tags.flat()];
  const rows = core.db
    .query<JobRow, (string | number)[]>(
      `SELECT * FROM job ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
       ORDER BY id ${start.recent_first ? "DESC" : "ASC"} LIMIT ?`,
    )
    .all(...values, Math.min(query.limit ?? PAGE, PAGE));
  const last = rows.at(-1);
  return { items: rows.map(describeListEntry), next_page: last ? pageToken({ ...start, id: last.id }) : null };
}

/** So many jobs with the same tag are too many to be looked up for one page. */
const COMMON = 1_000;

/** Two ways to find jobs by a tag: to look up all that have it, or to look at one job after the other, which soon finds a page of a common one. */
const OF_TAG = "id IN (SELECT job FROM tag WHERE name = ? AND value = ?)";
const HAS_TAG = "EXISTS (SELECT 1 FROM tag WHERE tag.job = job.id AND tag.name = ? AND tag.value = ?)";

const isCommon = (core: Core, name: string, value: string): boolean =>
  core.db.query("SELECT 1 FROM tag WHERE name = ? AND value = ? LIMIT 1 OFFSET ?").get(name, value, COMMON - 1) !== null;

function parseTagFilter(filter: string | null): [string, string][] {
  if (!filter) return [];
  const parts = filter.split("|");
  if (parts.length > MOST_TAGS) throw new Refused(409, `too many tags: ${parts.length}, the limit is ${MOST_TAGS}`);
  return parts.map((part) => {
    const at = part.indexOf("=");
    if (at < 0) throw new Refused(400, `bad tag filter: expected NAME=VALUE, not "${part}"`, { code: "EINVAL" });
    return [part.slice(0, at), part.slice(at + 1)];
  });
}
