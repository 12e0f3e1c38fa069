import type { Client } from "../core/client/client.ts";
import type { Job, JobListEntry } from "../core/client/operations.ts";
import type { Given, Options } from "../core/common/command/command.ts";
import { UsageError } from "../core/common/command/failure.ts";
import { LIST, printPages } from "../core/common/command/list.ts";
import type { Column } from "../core/common/table.ts";
import type { Context } from "./context.ts";
import { checkId, timeOf } from "./ids.ts";

/** The options of the commands that list jobs. */
export const JOBS = {
  tag: { short: "T", value: "TAG=VALUE", many: true, about: "only jobs with this tag" },
  state: { short: "F", value: "STATE", about: "only jobs in this state" },
  unsorted: { short: "U", about: "newest first, printed as they come" },
  ...LIST,
} as const satisfies Options;

const LETTERS: Record<string, string> = { completed: "C", failed: "F", cancelled: "X", running: "r", waiting: "w", queued: "q" };

/** A cancelled job is `failed` to the core. */
const shownState = ({ state, cancelled }: JobListEntry) => (state === "failed" && cancelled ? "cancelled" : state);

export const JOB_COLUMNS: Column<JobListEntry>[] = [
  { name: "id", width: 26, value: ({ id }) => id },
  { name: "age", width: 6, kind: "age", value: ({ id }) => timeOf(id) },
  { name: "s", width: 1, value: (job) => LETTERS[shownState(job)] ?? "?" },
  { name: "name", width: 32, value: ({ name }) => name },
  { name: "state", width: 15, hidden: true, value: shownState },
];

type Lister = "jobs_list" | "admin_jobs_list";

/** Lists jobs, oldest first, or newest first page by page as they come. */
export async function printJobs(
  context: Context,
  client: Client,
  lister: Lister,
  columns: readonly Column<JobListEntry>[],
  options: Given<typeof JOBS>,
): Promise<void> {
  const { state, tag, unsorted } = options;
  if (state !== undefined && !Object.hasOwn(LETTERS, state))
    throw new UsageError(`there is no state "${state}"; there are ${Object.keys(LETTERS).join(", ")}`);
  const wanted = (job: JobListEntry) => state === undefined || shownState(job) === state;
  await printPages(context, columns, pagesOf(context, client, lister, tag, wanted, unsorted), options);
}

async function* pagesOf(
  { signal }: Context,
  client: Client,
  lister: Lister,
  tags: string[],
  wanted: (job: JobListEntry) => boolean,
  recent_first: boolean,
): AsyncGenerator<JobListEntry[]> {
  for (const tag of tags) if (!tag.includes("=")) throw new UsageError(`--tag ${tag}: expected TAG=VALUE`);
  let query: { page_token?: string; recent_first?: boolean; tag?: string } = {
    recent_first,
    ...(tags.length > 0 ? { tag: tags.join("|") } : {}),
  };
  for (;;) {
    const { items, next_page } = await client.call(lister, { query }, { signal });
    yield items.filter(wanted);
    if (!next_page || items.length === 0) return;
    query = { page_token: next_page };
  }
}

/** Prints everything that the core tells of some jobs. */
export async function dumpJobs(context: Context, ids: readonly string[], get: (id: string) => Promise<Job>): Promise<void> {
  const jobs: Job[] = [];
  for (const id of ids.map((id) => checkId(id, "job"))) jobs.push(await get(id));
  if (context.json) return await context.out.json(jobs);
  for (const job of jobs)
    await context.out.lines([`${job.id} ${job.state.padEnd(15)} ${job.name}`, Bun.inspect(job, { depth: 8 }), ""]);
}
