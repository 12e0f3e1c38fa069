import { readFileSync } from "node:fs";
import type { Core } from "../../core.ts";
import { answerTo, fileResponse, partOf } from "../../http/ranges.ts";
import { getJob } from "../state.ts";
import type { FileRow, JobRow } from "../table.ts";
import { fileKey, logCopy, logKey, recordKey } from "./keys.ts";
import { type JobRecord, parseRecord } from "./record.ts";
import { archiveOf } from "./state.ts";

/** What is kept of a purged job in the object store. */
export async function recallRecord(core: Core, job: string): Promise<JobRecord> {
  const { record_size: size, record_sha256: sha256 } = rowOf(core, job);
  using held = await core.objects.hold({ key: recordKey(job), name: `record-${job}.json`, content: { size, sha256 } });
  return parseRecord(readFileSync(held.path, "utf8"));
}

/** Runs `use` while the job's log can be read, which of a purged job it can only then. */
export function withLog<T>(core: Core, job: Pick<JobRow, "id" | "time_purged">, use: () => T): T | Promise<T> {
  if (job.time_purged === null) return use();
  return recallLog(core, job.id, use);
}

async function recallLog<T>(core: Core, job: string, use: () => T): Promise<T> {
  const { log_size: size, log_sha256: sha256 } = rowOf(core, job);
  using _held = await core.objects.hold({ key: logKey(job), name: logCopy(job), content: { size, sha256 }, zstd: true });
  return use();
}

type Sent = Pick<FileRow, "job" | "id" | "size" | "sha256">;

/** Answers `GET` or `HEAD` with an input or output, wherever it is. */
export function sendFile(core: Core, request: Request, file: Sent): Response | Promise<Response> {
  if (getJob(core, file.job).time_purged === null)
    return fileResponse({ request, path: core.files.path(file.job, file.id), sha256: file.sha256 });
  return sendRecalled(core, request, file);
}

async function sendRecalled(core: Core, request: Request, { job, id, size, sha256 }: Sent): Promise<Response> {
  const { init, range } = answerTo({ request, size, sha256 });
  if (!range) return new Response(null, init);
  const wanted = { key: fileKey(job, id), name: `file-${id}`, content: { size, sha256 } };
  const few = init.status === 206 ? await core.objects.readRange(wanted, range) : undefined;
  if (few) return new Response(few, init);
  // It stays in the cache for long enough to be opened.
  using held = await core.objects.hold(wanted);
  return new Response(partOf(held.path, range), init);
}

function rowOf(core: Core, job: string) {
  const row = archiveOf(core, job);
  if (row?.log_size == null || row.log_sha256 === null || row.record_size === null || row.record_sha256 === null)
    throw new Error(`job ${job} is purged, but was never archived`);
  return { log_size: row.log_size, log_sha256: row.log_sha256, record_size: row.record_size, record_sha256: row.record_sha256 };
}
