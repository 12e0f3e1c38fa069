import { mkdirSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { CallFailed } from "../core/client/failure.ts";
import type { WorkerPingInput } from "../core/client/operations.ts";
import { downloadFile } from "../core/client/transfer.ts";
import { reasonOf } from "../core/common/errors.ts";
import { type Agent, type Job, NOTICES } from "./agent.ts";
import { inLanes } from "./lanes.ts";

const AT_ONCE = 4;

/** Puts the job's inputs where its tasks expect them. @returns what is wrong, unless all of them are there, whole */
export async function downloadInputs(agent: Agent, job: Job): Promise<string | undefined> {
  let problem: string | undefined;
  await inLanes(job.spec.inputs, AT_ONCE, async (input) => {
    try {
      await download(agent, job, input);
    } catch (error) {
      if (job.halt.signal.aborted || (error instanceof CallFailed && error.status === 401)) throw error;
      const text = `cannot get the input ${input.name}: ${reasonOf(error)}`;
      job.log.write(NOTICES, [text]);
      problem ??= text;
    }
  });
  return problem;
}

async function download({ world, client, paths }: Agent, job: Job, input: WorkerPingInput): Promise<void> {
  const to = join(paths.input, input.name);
  // A name may have folders, but not lead out of the directory.
  if (!to.startsWith(paths.input + sep) || to.endsWith(sep)) throw new Error("its name leads out of the input directory");
  mkdirSync(dirname(to), { recursive: true });
  job.log.write(NOTICES, [`downloading input: ${input.name}`]);
  const started = world.now();
  const path = { job: job.id, input: input.id };
  const { size } = await downloadFile({
    world,
    to,
    size: input.size,
    sha256: input.sha256,
    patience: Number.POSITIVE_INFINITY,
    signal: AbortSignal.any([job.halt.signal, job.time.broken]),
    open: (from, signal) => client.call("worker_job_input_download", { path }, { signal, from }),
  });
  job.log.write(NOTICES, [`downloaded input: ${input.name} (${size} bytes in ${world.now() - started} ms)`]);
}
