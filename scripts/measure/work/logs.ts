import type { Row } from "../figure.ts";
import { completed, events, sealed, submit } from "../jobs.ts";
import { withMachines } from "../machines.ts";
import type { Measure } from "../measure.ts";
import { forgetPeak, memoryOf } from "../process.ts";
import { type Service, withService } from "../service.ts";

const AGENTS = 50;
/** 119 characters and a line feed. */
const printing = (lines: number) =>
  `line="$(printf 'compiling module %05d of the standard library with all the warnings that anybody could ever wish for %010d' 7 7)"; yes "\${line:0:119}" | head -n ${lines}`;

const rate = (name: string, what: string, target: number, how: string): Row => ({
  name,
  what,
  unit: "lines/s",
  target,
  good: "above",
  how,
});

export const logs: Measure = {
  rows: [
    rate(
      "log-one",
      "one job's log, agent to disk, 120-byte lines",
      600_000,
      "a job on a bare machine prints 1,000,000 lines as fast as they are taken; from the server's time of the first line to that of the last; the count of the sealed log must be right",
    ),
    rate(
      "log-read",
      "a log read back in pages",
      600_000,
      "the same log through `GET /0/jobs/:job/events`, page after page on one connection, each page received whole",
    ),
  ],
  async run({ programs, quick }) {
    const lines = quick ? 300_000 : 1_000_000;
    return await withService({ programs }, (service) =>
      withMachines(service, 1, async () => {
        const job = await submit(service, printing(lines));
        await completed(service, job);
        const count = await sealed(service, job);
        if (count < lines) throw new Error(`${lines} lines were printed, ${count} events are in the log`);
        return { "log-one": lines / (await lasted(service, job, count)), "log-read": await readBack(service, job, count) };
      }),
    );
  },
};

/** Seconds from the first line of output to the last, by the server's clock. */
async function lasted({ user }: Service, job: string, count: number): Promise<number> {
  const page = (minseq: number) => user.call("job_events_get", { path: { job }, query: { minseq } });
  const first = (await page(1)).find(({ stream }) => stream === "task");
  const last = (await page(count - 20)).findLast(({ stream }) => stream === "stdout");
  return (Date.parse(last?.time ?? "") - Date.parse(first?.time ?? "")) / 1000;
}

/** @returns events a second */
async function readBack({ url, token }: Service, job: string, count: number): Promise<number> {
  const begun = performance.now();
  const decoder = new TextDecoder();
  for (let next = 1; next <= count; ) {
    const response = await fetch(`${url}/0/jobs/${job}/events?minseq=${next}`, { headers: { authorization: `Bearer ${token}` } });
    const bytes = new Uint8Array(await response.arrayBuffer());
    // The last event tells where to go on; a client that shows the lines parses the page, which is not the server's work.
    const numbers = [...decoder.decode(bytes.subarray(-2000)).matchAll(/"seq":(\d+)/g)];
    const last = Number(numbers.at(-1)?.[1]);
    if (!(last >= next)) throw new Error(`the log ends at ${next - 1} of ${count} events`);
    next = last + 1;
  }
  return (count * 1000) / (performance.now() - begun);
}

export const crowd: Measure = {
  rows: [
    rate(
      "log-50",
      `${AGENTS} agents at once, together`,
      500_000,
      `${AGENTS} bare machines, each with a job that prints 50,000 lines when all are there; until every job is completed`,
    ),
    {
      name: "log-50-rss",
      what: "the same: server RSS, peak",
      unit: "MiB",
      target: 250,
      good: "below",
      how: "VmHWM of the server",
    },
  ],
  async run({ programs, quick }) {
    const lines = quick ? 10_000 : 50_000;
    return await withService({ programs }, (service) =>
      withMachines(service, AGENTS, async () => {
        const gate = `${service.dir}/go`;
        const script = `echo ready; until [ -e ${gate} ]; do sleep 0.2; done; ${printing(lines)}`;
        const jobs = await Promise.all(Array.from({ length: AGENTS }, () => submit(service, script)));
        await Promise.all(jobs.map((job) => started(service, job)));
        forgetPeak(service.pid);
        const begun = performance.now();
        await Bun.write(gate, "");
        await Promise.all(jobs.map((job) => over(service, job)));
        const seconds = (performance.now() - begun) / 1000;
        const { peak = Number.NaN } = memoryOf(service.pid) ?? {};
        for (const job of jobs) if ((await sealed(service, job)) < lines) throw new Error(`job ${job} has lost lines`);
        return { "log-50": (AGENTS * lines) / seconds, "log-50-rss": peak };
      }),
    );
  },
};

async function started(service: Service, job: string): Promise<void> {
  for await (const { stream } of events(service, job)) if (stream === "stdout") return;
}

/** Without following the log, which would cost what is to be measured. */
async function over({ user, world }: Service, job: string): Promise<void> {
  for (;;) {
    const { state } = await user.call("job_get", { path: { job } });
    if (state === "completed") return;
    if (state === "failed") throw new Error(`job ${job} has failed`);
    await world.sleep(100);
  }
}
