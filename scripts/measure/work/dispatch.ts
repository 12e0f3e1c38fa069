import { quantile, type Row } from "../figure.ts";
import { completed, events, submit, timeOf, untilFirstLine } from "../jobs.ts";
import { withMachines, withWaiting } from "../machines.ts";
import { type Measure, repeat } from "../measure.ts";
import { type Service, withService } from "../service.ts";

const row = (name: string, what: string, target: number, how: string): Row => ({
  name,
  what,
  unit: "ms",
  target,
  good: "below",
  how,
});

/** Between two jobs: the last machine is gone by then, and a box waits where boxes are to wait. */
const PAUSE = 400;

const first = "the first line of a job that prints one, from before the submit to the follower's receipt";

async function firstLines(service: Service, count: number): Promise<number[]> {
  await untilFirstLine(service);
  return await repeat(count, async () => {
    await Bun.sleep(PAUSE);
    return await untilFirstLine(service);
  });
}

const jobs = (quick: boolean) => (quick ? 5 : 20);

export const sandboxed: Measure = {
  rows: [
    row("first-line-sandbox", "submit -> first line, sandbox made for it, p50", 60, `${first}; no box waits`),
    row("first-line-warm", "submit -> first line, a prepared box waits, p50", 30, `${first}; \`warm = 1\``),
  ],
  async run({ programs, quick }) {
    const p50 = async (warm: number) =>
      await withService({ programs, sandbox: `slots = 2\nwarm = ${warm}` }, async (service) =>
        quantile(await firstLines(service, jobs(quick)), 0.5),
      );
    return { "first-line-sandbox": await p50(0), "first-line-warm": await p50(1) };
  },
};

export const bare: Measure = {
  rows: [
    row("first-line-bare", "submit -> first line, bare machine made for it, p50", 45, `${first}; a bare machine`),
    row(
      "dependant",
      "prior job done -> first line of its dependant, bare machine, p50",
      60,
      "from the time `complete` of the prior job to the receipt of the first line of the one that waits for it",
    ),
    {
      ...row("empty-jobs", "jobs that do nothing, 4 bare machines at a time", 40, "60 jobs of `true` handed in at once"),
      unit: "jobs/s",
      good: "above",
    },
  ],
  async run({ programs, quick }) {
    return await withService({ programs }, (service) =>
      withMachines(service, 4, async () => ({
        "first-line-bare": quantile(await firstLines(service, jobs(quick)), 0.5),
        dependant: quantile(await repeat(jobs(quick), () => dependant(service)), 0.5),
        "empty-jobs": await emptyJobs(service, quick ? 20 : 60),
      })),
    );
  },
};

async function dependant(service: Service): Promise<number> {
  await Bun.sleep(PAUSE);
  const prior = await submit(service, "true");
  const job = await submit(service, "echo here", { depends: prior });
  let seen: number | undefined;
  for await (const { stream } of events(service, job))
    if (stream === "stdout") seen ??= performance.timeOrigin + performance.now();
  const done = timeOf(await service.user.call("job_get", { path: { job: prior } }), "complete");
  return (seen ?? Number.NaN) - done;
}

async function emptyJobs(service: Service, count: number): Promise<number> {
  const begun = performance.now();
  const all = await Promise.all(Array.from({ length: count }, () => submit(service, "true")));
  await Promise.all(all.map((job) => completed(service, job)));
  return (count * 1000) / (performance.now() - begun);
}

export const waiting: Measure = {
  rows: [
    row("first-line-waiting", "submit -> first line, worker waiting, p50", 20, `${first}; an agent waits for a job`),
    row("first-line-waiting-p99", "the same, p99", 60, "the slowest of the same jobs"),
  ],
  async run({ programs, quick }) {
    return await withService({ programs }, (service) =>
      withWaiting(service, async (wait) => {
        const took = await repeat(quick ? 10 : 40, async () => {
          const end = await wait();
          const ms = await untilFirstLine(service);
          await end();
          return ms;
        });
        return { "first-line-waiting": quantile(took, 0.5), "first-line-waiting-p99": quantile(took, 0.99) };
      }),
    );
  },
};
