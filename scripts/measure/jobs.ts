import type { Job, JobEvent } from "../../core/client/operations.ts";
import { serverSentEvents } from "../../core/client/sse.ts";
import type { Service } from "./service.ts";

interface JobOptions {
  rules?: string[];
  depends?: string;
}

/** Hands in a job of one script. @returns its id */
export async function submit(
  { user, target }: Service,
  script: string,
  { rules = [], depends }: JobOptions = {},
): Promise<string> {
  const prior = { prior_job: depends ?? "", copy_outputs: false, on_completed: true, on_failed: false };
  const { id } = await user.call("job_submit", {
    body: {
      name: "bench",
      target,
      output_rules: rules,
      tasks: [{ name: "task", script, env: {}, env_clear: false, uid: 0, gid: 0, workdir: "/" }],
      ...(depends ? { depends: { prior } } : {}),
    },
  });
  return id;
}

/** The events of a job as a follower gets them, until it is over. */
export async function* events({ user, world }: Service, job: string): AsyncGenerator<JobEvent> {
  const response = await user.call("job_watch", { path: { job }, query: { minseq: 1 } });
  for await (const records of serverSentEvents(world, response)) {
    for (const { event, data } of records) {
      if (event === "job") yield JSON.parse(data) as JobEvent;
      if (event === "complete") return;
    }
  }
}

/** Submits a job that prints one line and ends. @returns ms until a follower has that line */
export async function untilFirstLine(service: Service): Promise<number> {
  const begun = performance.now();
  const job = await submit(service, "echo here");
  let seen: number | undefined;
  for await (const { stream } of events(service, job)) if (stream === "stdout") seen ??= performance.now() - begun;
  if (seen === undefined) throw new Error(`job ${job} printed nothing`);
  return seen;
}

/** Resolves when the job is over. @throws Error unless it has completed */
export async function completed(service: Service, job: string): Promise<Job> {
  for await (const _ of events(service, job));
  const row = await service.user.call("job_get", { path: { job } });
  if (row.state !== "completed") throw new Error(`job ${job} has ${row.state}: ${row.attempts?.at(-1)?.reason}`);
  return row;
}

/** Resolves when the log is sealed. @returns how many events it has */
export async function sealed({ user, world }: Service, job: string): Promise<number> {
  for (;;) {
    const { log } = await user.call("job_get", { path: { job } });
    if (log) return log.count;
    await world.sleep(20);
  }
}

/** When a job reached a point of its life, ms since the epoch. */
export const timeOf = ({ times }: Job, name: string): number => Date.parse(times?.[name] ?? "");
