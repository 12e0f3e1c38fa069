import { describe } from "bun:test";
import { type House, household } from "./house.ts";
import { expectWhole, printed, submit, type Work } from "./work.ts";

const WORK: Work = { lines: 50, pause: 0.005, outputs: [100, 6_000_000] };

/** At each of these moments the server is killed. @returns once it is that moment, what lets the network go on afterwards */
interface Moment {
  when: string;
  work: Work;
  comes(house: House, job: () => Promise<string>): Promise<{ job: string; cut?(): void }>;
  /** The machine has nothing to do any more. */
  over?: boolean;
}

const during =
  (...[operation, at]: Parameters<House["network"]["catch"]>): Moment["comes"] =>
  async ({ network }, submitted) => {
    const caught = network.catch(operation, at);
    const job = await submitted();
    return { job, cut: (await caught).cut };
  };

const MOMENTS: Moment[] = [
  {
    when: "a job",
    work: { ...WORK, lines: 100, pause: 0.01 },
    comes: async ({ client }, submitted) => {
      const job = await submitted();
      await printed(client, job, 20);
      return { job };
    },
  },
  { when: "a batch of lines", work: WORK, comes: during("worker_job_append", "half sent") },
  { when: "a batch of lines that it has stored", work: WORK, comes: during("worker_job_append", "answered") },
  { when: "an upload", work: WORK, comes: during("worker_job_upload_chunk", "half sent") },
  { when: "a commit", work: { ...WORK, outputs: [40_000_000] }, comes: during("worker_job_add_output", "sent") },
  { when: "a commit that it has made", work: WORK, comes: during("worker_job_add_output", "answered") },
  { when: "sealing", work: { lines: 60_000 }, comes: during("worker_job_complete", "answered"), over: true },
];

const scenariosOf = (factory: "own" | "embedded", attempts: number) =>
  household({ factory }, (scenario) => {
    for (const { when, work, comes, over } of MOMENTS)
      scenario(`in the middle of ${when}`, async (house) => {
        const { job, cut } = await comes(house, () => submit(house.client, work));
        await house.killServer();
        cut?.();
        await house.startServer();
        await expectWhole(house.client, job, work, over ? 1 : attempts);
        await house.verify(job);
      });
  });

describe("a server that is killed: the jobs of a factory of its own go on", () => scenariosOf("own", 1));

describe("a server that is killed: the jobs of its own sandboxes are tried again", () => scenariosOf("embedded", 2));
