import { describe, expect } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CallFailed } from "../../core/client/failure.ts";
import type { OperationName } from "../../core/client/operations.ts";
import { eventually } from "../e2e/service.ts";
import { type House, household } from "./house.ts";
import { expectWhole, printed, submit, type Work } from "./work.ts";

const MIB = 1024 * 1024;

/** Gives the data directory a disk of its own. @returns why the host does not let us */
function mountSmall(data: string): string | undefined {
  const { success, stderr } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=48m", "chaos", data]);
  return success ? undefined : stderr.toString();
}

const unmount = (data: string): void => {
  Bun.spawnSync(["umount", data]);
};

/** Takes all space that is left, to the last byte. */
function fill({ data }: House): void {
  const file = join(data, "filler");
  for (const size of [MIB, 4096, 1])
    for (;;)
      try {
        writeFileSync(file, new Uint8Array(size), { flag: "a" });
      } catch {
        break;
      }
}

const makeRoom = ({ data }: House): void => rmSync(join(data, "filler"));

/** Waits until the server has refused a call for want of space. */
const refused = ({ network }: House, operation: OperationName) =>
  eventually(() => network.answers.some((one) => one.operation === operation && one.status === 507));

describe("a data directory that is full", () => {
  let denied: string | undefined;
  const furnish = (data: string) => {
    denied = mountSmall(data);
  };
  household({ factory: "own", furnish, clear: unmount }, (household) => {
    /** Where nobody may mount, all that can be seen is that the kernel says so. */
    const scenario = (name: string, work: (house: House) => Promise<void>) =>
      household(name, async (house) => {
        if (denied === undefined) await work(house);
        else expect(denied).toMatch(/permission denied|not permitted|must be superuser/i);
      });

    scenario("lines are refused, and all of them are there once there is room again", async (house) => {
      const work: Work = { lines: 150, pause: 0.01 };
      const job = await submit(house.client, work);
      await printed(house.client, job, 20);
      fill(house);
      await refused(house, "worker_job_append");
      makeRoom(house);
      await expectWhole(house.client, job, work);
      await house.verify(job);
    });

    scenario("uploads are refused, and whole once there is room again", async (house) => {
      const work: Work = { lines: 10, outputs: [100, 6_000_000] };
      const caught = house.network.catch("worker_job_upload_chunk", "asked");
      const job = await submit(house.client, work);
      const upload = await caught;
      fill(house);
      const status = await upload.pass();
      expect(status).toBe(507);
      makeRoom(house);
      await expectWhole(house.client, job, work);
      await house.verify(job);
    });

    scenario("a commit is refused, and made once there is room again", async (house) => {
      const work: Work = { lines: 10, outputs: [1_000_000] };
      const caught = house.network.catch("worker_job_add_output", "asked");
      const job = await submit(house.client, work);
      const commit = await caught;
      fill(house);
      expect(await commit.pass()).toBe(507);
      makeRoom(house);
      await expectWhole(house.client, job, work);
      await house.verify(job);
    });

    scenario("the end of a job is refused, and told once there is room again", async (house) => {
      const work: Work = { lines: 10, outputs: [1000] };
      const caught = house.network.catch("worker_job_complete", "asked");
      const job = await submit(house.client, work);
      const end = await caught;
      fill(house);
      expect(await end.pass()).toBe(507);
      makeRoom(house);
      await expectWhole(house.client, job, work);
      await house.verify(job);
    });

    scenario("a submission is refused with a reason, and the server goes on", async (house) => {
      fill(house);
      const failure: unknown = await submit(house.hasty, { lines: 1 }).catch((error: unknown) => error);
      makeRoom(house);
      expect(failure).toBeInstanceOf(CallFailed);
      expect(failure).toMatchObject({ status: 507, passing: true, message: expect.stringContaining("no space is left") });
      const job = await submit(house.client, { lines: 1 });
      await expectWhole(house.client, job, { lines: 1 });
    });
  });
});
