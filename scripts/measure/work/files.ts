import type { Job } from "../../../core/client/operations.ts";
import { completed, events, submit, timeOf } from "../jobs.ts";
import { load, requestOf } from "../load.ts";
import { withMachines } from "../machines.ts";
import type { Measure } from "../measure.ts";
import { memoryOf, processesWith } from "../process.ts";
import { type Service, withService } from "../service.ts";

const MIB = 1024 * 1024;

export const files: Measure = {
  rows: [
    {
      name: "artefacts-30",
      what: "30 artefacts of 4 KiB, task end -> completed",
      unit: "s",
      target: 0.2,
      good: "below",
      how: "from the agent's time of the task's end to the job's time `complete`; the files lie in memory",
    },
    {
      name: "artefact-1g",
      what: "artefact of 1 GiB, task end -> completed",
      unit: "MiB/s",
      target: 600,
      good: "above",
      how: "the same, with one file of random bytes; hashed by agent and server, on the server's disk when it is over",
    },
    {
      name: "artefact-1g-rss",
      what: "the same: agent RSS, peak",
      unit: "MiB",
      target: 100,
      good: "below",
      how: "VmHWM of the agent, pages of its binary included",
    },
    {
      name: "download-1g",
      what: "download of it",
      unit: "MiB/s",
      target: 1500,
      good: "above",
      how: "one connection that counts the bytes and drops them",
    },
  ],
  async run({ programs, quick }) {
    const size = (quick ? 256 : 1024) * MIB;
    return await withService({ programs }, (service) =>
      withMachines(service, 1, async () => {
        const many = await collecting(service, "mkdir /mnt/o; for i in {1..30}; do head -c 4096 /dev/urandom >/mnt/o/$i; done");
        const watch = watchAgent(service);
        const one = await collecting(service, `mkdir /mnt/o; head -c ${size} /dev/urandom >/mnt/o/f`);
        return {
          "artefacts-30": many.seconds,
          "artefact-1g": size / MIB / one.seconds,
          "artefact-1g-rss": watch(),
          "download-1g": await download(service, one.job.id),
        };
      }),
    );
  },
};

/** Runs a job whose files in /mnt/o are kept. @returns seconds from the end of its task to its own */
async function collecting(service: Service, script: string): Promise<{ job: Job; seconds: number }> {
  const id = await submit(service, script, { rules: ["/mnt/o/*"] });
  let ended = Number.NaN;
  for await (const { payload, time_remote } of events(service, id))
    if (payload.startsWith("process exited")) ended = Date.parse(time_remote ?? "");
  const job = await completed(service, id);
  return { job, seconds: (timeOf(job, "complete") - ended) / 1000 };
}

/** @returns what tells the highest memory of any agent since, MiB, and ends the watch */
function watchAgent({ programs }: Service): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of processesWith(programs.agent, "run")) peak = Math.max(peak, memoryOf(pid)?.peak ?? 0);
  }, 50);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

async function download({ user, url, token }: Service, job: string): Promise<number> {
  const [output] = await user.call("job_outputs_get", { path: { job } });
  const request = requestOf("GET", `/0/jobs/${job}/outputs/${output?.id}`, token);
  const { bytes, seconds } = await load({ port: Number(new URL(url).port), request, connections: 1, count: 2 });
  return bytes / MIB / seconds;
}
