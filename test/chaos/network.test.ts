import { describe } from "bun:test";
import type { OperationName } from "../../core/client/operations.ts";
import { household } from "./house.ts";
import type { Point } from "./proxy.ts";
import { ended, expectWhole, printed, said, submit, type Work } from "./work.ts";

/** A job that makes its agent call everything that it knows. */
const WORK: Work = {
  lines: 50,
  pause: 0.01,
  outputs: [1000, 12_000_000],
  input: 3_000_000,
  first: 'bmat store put made "from the job"; [ "$(bmat store get made)" = "from the job" ]',
};

const CALLS: OperationName[] = [
  "factory_lease",
  "factory_worker_create",
  "factory_worker_associate",
  "worker_bootstrap",
  "worker_ping",
  "worker_job_input_download",
  "worker_job_append",
  "worker_job_store_put",
  "worker_job_store_get",
  "worker_task_complete",
  "worker_job_quota",
  "worker_job_upload_chunk",
  "worker_job_add_output",
  "worker_job_complete",
  "factory_workers",
  "factory_worker_destroy",
];

const FAULTS: [string, Point][] = [
  ["before the server hears of it", "asked"],
  ["half way to the server", "half sent"],
  ["while the server is at work", "sent"],
  ["after the server has acted, before its answer", "answered"],
  ["half way through the answer", "half answered"],
];

describe("a network that fails", () => {
  household({ factory: "own" }, (scenario) => {
    for (const [how, at] of FAULTS)
      scenario(`every call is cut once, ${how}`, async (house) => {
        const cuts = CALLS.map((operation) => house.network.cut(operation, at));
        const job = await submit(house.client, WORK);
        await expectWhole(house.client, job, WORK);
        await Promise.all(cuts);
        await house.verify(job);
        await house.empty();
      });

    scenario("the same call is cut again and again", async (house) => {
      const cuts = (["worker_job_append", "worker_job_upload_chunk"] as const).map((operation) =>
        house.network.cut(operation, "answered", 3),
      );
      const job = await submit(house.client, WORK);
      await expectWhole(house.client, job, WORK);
      await Promise.all(cuts);
      await house.verify(job);
    });

    scenario("everything is slow", async (house) => {
      house.network.lag = 10;
      const job = await submit(house.client, WORK);
      await expectWhole(house.client, job, WORK);
      house.network.lag = 0;
      await house.verify(job);
    });

    scenario("the agent is cut off for a moment: its job goes on", async (house) => {
      const work = { ...WORK, lines: 100 };
      const job = await submit(house.client, work);
      await printed(house.client, job, 20);
      house.network.part("worker");
      await house.network.turnedAway(2);
      house.network.join("worker");
      await expectWhole(house.client, job, work);
      await house.verify(job);
    });

    scenario("the agent is cut off for good: its job is tried again, on a machine that is heard of", async (house) => {
      const work = { ...WORK, lines: 100 };
      const job = await submit(house.client, work);
      await printed(house.client, job, 20);
      house.network.part("worker");
      await said(house.client, job, "was lost");
      house.network.join("worker");
      await expectWhole(house.client, job, work, 2);
      await house.verify(job);
    });

    scenario("the factory is cut off while a job runs: the job ends, its machine is destroyed afterwards", async (house) => {
      const job = await submit(house.client, WORK);
      await printed(house.client, job, 20);
      house.network.part("factory");
      await ended(house.client, job);
      house.network.join("factory");
      await expectWhole(house.client, job, WORK);
      await house.verify(job);
    });
  });
});
