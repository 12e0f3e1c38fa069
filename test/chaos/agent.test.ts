import { describe, expect } from "bun:test";
import type { Client } from "../../core/client/client.ts";
import { eventually } from "../e2e/service.ts";
import { type House, household } from "./house.ts";
import { agentOf, isStopped } from "./processes.ts";
import type { Point } from "./proxy.ts";
import { ended, eventsOf, expectWhole, printed, said, submit, type Work } from "./work.ts";

const WORK: Work = { lines: 100, pause: 0.01, outputs: [1000] };

/** A job that has printed some of its lines, and its agent. */
async function begun({ client }: House, work: Work): Promise<{ job: string; agent: number }> {
  const job = await submit(client, work);
  await printed(client, job, 20);
  return { job, agent: await agentRunning(client, job) };
}

async function agentRunning(client: Client, job: string): Promise<number> {
  const { attempts } = await client.call("job_get", { path: { job } });
  return agentOf(attempts?.at(-1)?.worker ?? "");
}

describe("an agent that is killed", () => {
  household({ factory: "own" }, (scenario) => {
    scenario("its job is tried again", async (house) => {
      const { job, agent } = await begun(house, WORK);
      process.kill(agent, "SIGKILL");
      await expectWhole(house.client, job, WORK, 2);
      await house.verify(job);
    });

    scenario("its job fails, with a reason, where it does not ask for another try", async (house) => {
      const { job, agent } = await begun(house, { ...WORK, retries: 0 });
      process.kill(agent, "SIGKILL");
      const { state, attempts } = await ended(house.client, job);
      expect({ state, attempts }).toMatchObject({ state: "failed", attempts: [{ reason: expect.stringContaining("was lost") }] });
      await house.verify(job);
    });

    const LATE: [Parameters<House["network"]["catch"]>[0], Point][] = [
      ["worker_job_append", "half sent"],
      ["worker_job_store_put", "asked"],
      ["worker_job_upload_chunk", "half sent"],
      ["worker_job_add_output", "asked"],
      ["worker_task_complete", "asked"],
      ["worker_job_complete", "asked"],
    ];
    for (const [operation, at] of LATE)
      scenario(`what it had sent and comes after the next attempt began is refused: ${operation}`, async (house) => {
        const work: Work = { lines: 20, pause: 0.005, outputs: [1000], first: "bmat store put made $RANDOM" };
        const caught = house.network.catch(operation, at);
        const job = await submit(house.client, work);
        const late = await caught;
        process.kill(await agentRunning(house.client, job), "SIGKILL");
        await eventually(async () => {
          const { state, attempts } = await house.client.call("job_get", { path: { job } });
          return attempts?.length === 2 && state !== "queued";
        });
        expect(await late.pass()).toBeOneOf([401, 403, 409]);
        await expectWhole(house.client, job, work, 2);
        await house.verify(job);
      });
  });
});

describe("an agent that is stopped", () => {
  household({ factory: "own" }, (scenario) => {
    scenario("for a moment: its job goes on", async (house) => {
      const { job, agent } = await begun(house, WORK);
      process.kill(agent, "SIGSTOP");
      await eventually(() => isStopped(agent));
      process.kill(agent, "SIGCONT");
      await expectWhole(house.client, job, WORK);
      await house.verify(job);
    });

    scenario("until it is given up, and wakes before its machine is destroyed: nothing that it says counts", async (house) => {
      const { job, agent } = await begun(house, { ...WORK, lines: 300 });
      process.kill(agent, "SIGSTOP");
      house.factory.signal("SIGSTOP");
      // A ping that is answered is one that an agent must send anew.
      await house.client.call("job_store_put", { path: { job, name: "news" }, body: { value: "for nobody", secret: true } });
      await said(house.client, job, "was lost");
      const before = (await eventsOf(house.client, job)).length;
      process.kill(agent, "SIGCONT");
      await eventually(() => house.network.answers.some((one) => one.operation === "worker_job_append" && one.status === 409));
      expect(await eventsOf(house.client, job)).toHaveLength(before);
      house.factory.signal("SIGCONT");
      await expectWhole(house.client, job, { ...WORK, lines: 300 }, 2);
      await house.verify(job);
    });
  });
});
