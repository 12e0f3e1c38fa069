import { diskFull } from "../common/disk-full.ts";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import type { Begun, StoredFile } from "../file/commits.ts";
import { once } from "../http/idempotency.ts";
import { longPoll } from "../http/longpoll.ts";
import { requireWaiting } from "./depend.ts";
import { requireRoom } from "./quota.ts";
import { getActiveJob, getJob } from "./state.ts";
import type { FileRow } from "./table.ts";

/** Bytes that one input or output may have. */
export const largestFile = (core: Core): number => core.files.limits.perFile;

/**
 * Stores a piece of a file: where it belongs, if the request says so, or else by itself.
 *
 * @returns the id to name in the commit; of a piece in place, the commit's own
 * @throws Refused 400 for half an address, 413 for more than the job or its owner may have
 */
export async function takeChunk(
  core: Core,
  request: Request,
  job: string,
  { commit_id, offset }: { commit_id?: string; offset?: number },
): Promise<string> {
  const header = request.headers.get("content-length");
  const length = header === null ? undefined : Number(header);
  if ((commit_id === undefined) !== (offset === undefined)) throw new Refused(400, "commit_id and offset go together");
  requireRoom(core, getJob(core, job).owner, length ?? 0);
  if (commit_id !== undefined && offset !== undefined) {
    await core.commits.putPart(job, commit_id, offset, request.body, length);
    return commit_id;
  }
  const id = await core.files.putChunk(job, request.body, length);
  if (!request.headers.has("idempotency-key")) return id;
  const bytes = await Bun.file(core.files.chunkPath(job, id)).bytes();
  // A repeated call leaves a second chunk behind, which goes with the job's others.
  return once({ core, request, principal: job, asked: Bun.CryptoHasher.hash("sha256", bytes, "hex") }, () => id);
}

interface CommitCall {
  request: Request;
  headers: Record<string, string>;
  job: string;
  kind: FileRow["kind"];
  /** Name of the input, path of the output. */
  name: string;
  body: { size: number; chunks: readonly string[]; commit_id: string; sha256?: string | null };
  query: { wait?: number; seen?: string };
}

interface CommitAnswer {
  complete: boolean;
  error: string | null;
}

const PENDING: CommitAnswer = { complete: false, error: null };

/**
 * Makes an input or output of uploaded pieces. The same call asks how it stands; it may be repeated at any time, across a
 * restart too.
 *
 * @throws Refused 400 for other arguments than before, 409 when the job takes no more files
 */
export async function commitFile(core: Core, call: CommitCall): Promise<CommitAnswer> {
  const { request, headers, job, name, body, query } = call;
  const { max_path_bytes } = core.config.quota;
  if (name === "" || name.includes("\0") || Buffer.byteLength(name) > max_path_bytes)
    throw new Refused(400, `a file's name has 1 to ${max_path_bytes} bytes and no NUL`);
  return await longPoll({
    core,
    request,
    headers,
    wait: query.wait,
    seen: query.seen,
    unseen: PENDING,
    topic: `commit ${job} ${body.commit_id}`,
    // Of a commit that this process knows, it knows more than the row does: the chunks.
    answer: () =>
      core.commits.state(job, body.commit_id) === undefined && wasCommitted(core, call)
        ? { complete: true, error: null }
        : answerOf(startCommit(core, call)),
  });
}

/**
 * The same in one call, as the original's first clients ask for it: returns once the file stands.
 *
 * @throws Refused 400 with the reason when the file could not be made
 */
export async function commitAtOnce(
  core: Core,
  {
    job,
    kind,
    name,
    size,
    chunks,
  }: { job: string; kind: FileRow["kind"]; name: string; size: number; chunks: readonly string[] },
): Promise<void> {
  const commit_id = core.world.id();
  const begun = startCommit(core, { job, kind, name, body: { size, chunks, commit_id } });
  const state = begun.state === "pending" ? await core.commits.wait(job, commit_id, core.shutdown) : begun;
  if (state?.state === "failed") throw new Refused(400, state.error);
  if (state?.state === "full") throw diskFull();
  if (state?.state !== "done") throw new Refused(503, "the server is stopping: try again");
}

/** Whether a file stands for this commit already. @throws Refused 400 when it was another one */
function wasCommitted(core: Core, { job, kind, name, body }: CommitCall): boolean {
  const row = core.db
    .query<FileRow, [string, string]>("SELECT * FROM file WHERE job = ? AND commit_id = ?")
    .get(job, body.commit_id);
  if (!row) return false;
  const same = row.kind === kind && row.name === name && row.size === body.size && (body.sha256 ?? row.sha256) === row.sha256;
  if (!same) throw new Refused(400, `commit ${body.commit_id} was asked for before with other arguments`);
  return true;
}

function startCommit(core: Core, { job, kind, name, body }: Pick<CommitCall, "job" | "kind" | "name" | "body">): Begun {
  const known = core.commits.state(job, body.commit_id);
  const { size, chunks, commit_id } = body;
  if (!known) requireOpen(core, job, kind, name, size);
  const record = kind === "input" ? recordInput : recordOutput;
  const { attempt } = getJob(core, job);
  return core.commits.start(job, commit_id, { kind, name, size, chunks, sha256: body.sha256 ?? undefined }, (file) =>
    change(core, () => {
      requireOpen(core, job, kind, name, file.size);
      // Large files take their time: the machine may have been lost meanwhile, and nothing of it belongs to the next attempt.
      if (getJob(core, job).attempt !== attempt) throw new Refused(409, `attempt ${attempt} of job ${job} was given up`);
      core.db
        .query("INSERT INTO file (job, id, size, sha256, commit_id, kind, name) VALUES (?, ?, ?, ?, ?, ?, ?)")
        .run(job, file.id, file.size, file.sha256, commit_id, kind, name);
      record(core, job, name, file);
    }),
  );
}

function requireOpen(core: Core, job: string, kind: FileRow["kind"], name: string, size: number): void {
  requireRoom(core, getJob(core, job).owner, size);
  if (kind === "output") {
    getActiveJob(core, job, "no output can be added");
    return;
  }
  requireWaiting(core, job);
  if (!core.db.query("SELECT 1 FROM input WHERE job = ? AND name = ?").get(job, name))
    throw new Refused(409, `job ${job} was submitted without an input "${name}"`);
}

/** A later input of the same name takes the place of the earlier one, as long as the job waits. */
function recordInput(core: Core, job: string, name: string, { id }: StoredFile): void {
  core.db.query("UPDATE input SET file = ?, other_job = ? WHERE job = ? AND name = ?").run(id, job, job, name);
  core.bells.ring("schedule");
}

function recordOutput(core: Core, job: string, path: string, { id }: StoredFile): void {
  if (core.db.query("SELECT 1 FROM output WHERE job = ? AND path = ?").get(job, path))
    throw new Refused(409, `job ${job} has an output ${path} already`);
  const { max_outputs } = core.config.job;
  if (outputsOf(core, job) >= max_outputs) throw new Refused(400, `a job may keep ${max_outputs} files, this would be one more`);
  const { attempt } = getActiveJob(core, job, "no output can be added");
  core.db.query("INSERT INTO output (job, path, file, attempt) VALUES (?, ?, ?, ?)").run(job, path, id, attempt);
}

const outputsOf = (core: Core, job: string): number =>
  core.db.query<{ count: number }, [string]>("SELECT count(*) AS count FROM output WHERE job = ?").get(job)?.count ?? 0;

const answerOf = (state: Begun): CommitAnswer => {
  if (state.state === "pending") return PENDING;
  return { complete: true, error: state.state === "failed" ? state.error : null };
};
