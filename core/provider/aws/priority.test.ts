import { expect, setDefaultTimeout, test } from "bun:test";
import { FakeEc2 } from "../../../test/fake/ec2/fake.ts";
import { manualWorld } from "../../../test/fixture/manual-world.ts";
import { silent } from "../../common/logger.ts";
import { aJob, testServer } from "../../fixture.ts";
import { passing } from "../fixture/until.ts";
import { startAwsFactory } from "./embed.ts";
import { awsConfigFor, awsTarget } from "./fixture/scene.ts";

setDefaultTimeout(30_000);

test("where there is room for one machine, it goes to the highest target that has a job, and nobody asks all the time", async () => {
  const clock = manualWorld();
  await using server = await testServer({}, clock);
  await using ec2 = new FakeEc2(clock);
  const { client } = await server.user("alice");
  for (const name of ["low", "high"]) await server.admin.call("target_create", { body: { name, desc: "" } });
  const { token } = await server.admin.call("factory_create", { body: { name: "aws" } });
  const submit = async (target: string) => (await client.call("job_submit", { body: aJob({ target }) })).id;
  const jobs = [await submit("low"), await submit("low"), await submit("high")];
  let questions = 0;
  const world = {
    ...clock,
    fetch: (url: string, init?: Parameters<typeof clock.fetch>[1]) => {
      if (url.includes("/factory/lease")) questions++;
      return clock.fetch(url, init);
    },
  };
  const targets = { low: awsTarget, high: { ...awsTarget, priority: 1 } };
  const config = awsConfigFor(ec2.url, { limit_total: 1, targets });
  const factory = startAwsFactory({ world, logger: silent, config, url: server.url, token });
  const made = () => [...ec2.cloud.instances.values()].map(({ tags }) => tags["bmat-lease_id"]);
  /** The only machine's job ends, and another's is made. */
  const next = async () => {
    const before = made().length;
    await client.call("job_cancel", { path: { job: made().at(-1) ?? "" } });
    await passing(clock, () => made().length > before);
  };
  try {
    await passing(clock, () => made().length === 1);
    await next();
    jobs.push(await submit("high"));
    await next();
    await next();
    expect(made()).toEqual([jobs[2], jobs[0], jobs[3], jobs[1]]);
    await client.call("job_cancel", { path: { job: jobs[1] ?? "" } });
    await passing(clock, () => ec2.cloud.living().length === 0);
    const [before, end] = [questions, clock.now() + 120_000];
    await passing(clock, () => clock.now() > end);
    expect(questions - before).toBeWithin(1, 10);
  } finally {
    await factory.stop();
  }
});
