import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { WorkerPingJob } from "../core/client/operations.ts";
import { type Agent, type Job, NOTICES } from "./agent.ts";
import { EventLog } from "./events.ts";
import type { Paths } from "./paths.ts";
import { Secrets } from "./secrets.ts";
import { TimeLimit } from "./time-limit.ts";

/** Why nothing of a job is wanted any more, where nobody is to blame. */
export class Halted extends Error {}

const markerOf = (paths: Paths) => join(paths.etc, "job.json");

/** Whether a process before this one has taken this machine's job: it cannot be taken up again. */
export const hadAJob = (paths: Paths): boolean => existsSync(markerOf(paths));

/** Makes the job this machine's one job, in a way that survives a crash. @throws Error of the file system */
export function adopt(agent: Agent, spec: WorkerPingJob): Job {
  writeMarker(agent.paths, spec);
  const { world, logger, client, mask } = agent;
  const halt = new AbortController();
  const log = new EventLog({
    world,
    logger,
    append: async (body, first) =>
      (await client.call("worker_job_append", { path: { job: spec.id }, query: { first }, body }))?.next,
    onRefused: (error) => halt.abort(error),
  });
  const secrets = new Secrets({ client, job: spec.id, mask, onUnreadable: (message) => log.write(NOTICES, [message]) });
  const time = new TimeLimit(
    world,
    spec.timeout_seconds,
    (limit) => `the job ran for longer than its limit of ${limit} (timeout_seconds)`,
  );
  time.restart();
  return { id: spec.id, spec, log, secrets, halt, time, running: undefined, failed: false, reason: undefined, over: false };
}

/** For root alone: what it holds of the job may be secret. */
function writeMarker(paths: Paths, spec: WorkerPingJob): void {
  mkdirSync(paths.etc, { recursive: true });
  const fd = openSync(markerOf(paths), "wx", 0o600);
  try {
    writeSync(fd, `${JSON.stringify(spec, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Characters; the core takes 4096. */
const LONGEST_REASON = 2000;

/** What the core is told at the end of a task or a job. */
export const verdict = (failed: boolean, reason: string | undefined): { failed: boolean; reason?: string } =>
  reason === undefined ? { failed } : { failed, reason: reason.slice(0, LONGEST_REASON) };
