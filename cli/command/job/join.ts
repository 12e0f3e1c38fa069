import { follow } from "../../../core/client/follow.ts";
import { EXIT, Exit } from "../../../core/common/command/failure.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { checkId } from "../../ids.ts";

export default defineCommand({
  args: ["[JOB]..."],
  options: { verbose: { short: "v", about: "tell each change of state" } },
  help: "Ends with status 0 once all of the jobs have completed, and with 1 as soon as one of them fails.",
  async run(context, jobs, { verbose }) {
    const ids = [...new Set(jobs.map((job) => checkId(job, "job")))];
    const stop = new AbortController();
    const signal = AbortSignal.any([context.signal, stop.signal]);
    try {
      await Promise.all(ids.map((job) => wait(context, job, signal, verbose)));
    } finally {
      stop.abort();
    }
    if (context.json) await context.out.json(Object.fromEntries(ids.map((id) => [id, "completed"])));
  },
});

async function wait({ user, out, json }: Context, job: string, signal: AbortSignal, verbose: boolean): Promise<void> {
  const client = user();
  const onRetry = (error: Error) => out.note(`${job}: ${error.message}; trying again`);
  let state = "";
  // Far past the end of any log: the lines themselves are not wanted.
  for await (const news of follow(client, job, { signal, from: LAST_SEQ, onRetry })) {
    if (!("state" in news)) continue;
    state = news.state;
    if (verbose) out.note(`${job}: ${state}`);
  }
  if (state === "completed") return;
  if (json) await out.json({ [job]: state });
  throw new Exit(EXIT.jobFailed, `job ${job} ${state}`);
}

/** The greatest that the protocol knows: sequence numbers are of 32 bits. */
const LAST_SEQ = 2 ** 32 - 1;
