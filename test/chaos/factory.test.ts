import { describe } from "bun:test";
import { eventually } from "../e2e/service.ts";
import { household } from "./house.ts";
import { ended, expectWhole, printed, submit, type Work } from "./work.ts";

const WORK: Work = { lines: 50, pause: 0.01, outputs: [1000] };

describe("a factory that is killed, and started again", () => {
  household({ factory: "own" }, (scenario) => {
    scenario("in the middle of a job: its boxes die with it, the job is tried again", async (house) => {
      const job = await submit(house.client, WORK);
      await printed(house.client, job, 20);
      await house.factory.kill();
      await house.startFactory();
      await expectWhole(house.client, job, WORK, 2);
      await house.verify(job);
    });

    for (const [when, operation, attempts] of [
      ["it has a lease", "factory_lease", 1],
      ["it has recorded a worker", "factory_worker_create", 2],
      ["it has named its machine", "factory_worker_associate", 2],
      ["it has deleted a worker", "factory_worker_destroy", 1],
    ] as const)
      scenario(`when ${when}`, async (house) => {
        const caught = house.network.catch(operation, "answered");
        const job = await submit(house.client, WORK);
        const answer = await caught;
        await house.factory.kill();
        answer.cut();
        await house.startFactory();
        await expectWhole(house.client, job, WORK, attempts);
        await house.verify(job);
      });

    scenario("when it was about to delete a worker", async (house) => {
      const caught = house.network.catch("factory_worker_destroy", "asked");
      const job = await submit(house.client, WORK);
      const question = await caught;
      await house.factory.kill();
      question.cut();
      await house.startFactory();
      await expectWhole(house.client, job, WORK);
      await house.empty();
    });
  });
});

describe("a factory that is stopped and goes on", () => {
  household({ factory: "own" }, (scenario) => {
    scenario("its job ends meanwhile, the machine is destroyed afterwards", async (house) => {
      const job = await submit(house.client, WORK);
      await printed(house.client, job, 20);
      house.factory.signal("SIGSTOP");
      await ended(house.client, job);
      house.factory.signal("SIGCONT");
      await expectWhole(house.client, job, WORK);
      await eventually(async () => (await house.admin.call("workers_list", { query: { active: true } })).items.length === 0);
    });
  });
});
