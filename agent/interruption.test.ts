import { expect, test } from "bun:test";
import { Client } from "../core/client/client.ts";
import { createLogger } from "../core/common/logger.ts";
import { realWorld } from "../core/common/world.ts";
import { FakeCore } from "../test/fake/core-worker.ts";
import { Cloud } from "../test/fake/ec2/cloud.ts";
import { Metadata } from "../test/fake/ec2/metadata.ts";
import { manualWorld } from "../test/fixture/manual-world.ts";
import { anAgent } from "./fixture.ts";
import { watchForNotice } from "./interruption.ts";

const HOURS = 3_600_000;
const spot = { type: "c8a.large", image: "ami-0a", subnet: "subnet-0a", spot: true, tags: {}, userData: "", request: {} };

/** A spot instance with its metadata service, and the part of its agent that asks it. */
function aWatch() {
  const world = manualWorld();
  const core = new FakeCore();
  core.token = "token";
  const ec2 = manualWorld();
  const cloud = new Cloud(ec2);
  const metadata = new Metadata(cloud);
  const instance = cloud.launch(spot, undefined);
  const said: string[] = [];
  const shutdown = new AbortController();
  const watch = () => {
    const client = new Client({ world: realWorld(), url: core.url, token: "token" });
    const logger = createLogger({ write: (line) => said.push(line), pretty: false });
    return watchForNotice({ world, logger, client, shutdown: shutdown.signal }, metadata.urlFor(instance));
  };
  /** Time passes for the agent until that holds. */
  const passing = async (holds: () => boolean) => {
    while (!holds()) await world.advance(1000);
  };
  const asked = () => metadata.asked;
  return {
    ec2,
    passing,
    asked,
    core,
    metadata,
    instance,
    said,
    shutdown,
    watch,
    async [Symbol.asyncDispose]() {
      shutdown.abort();
      await core.stop();
      await metadata[Symbol.asyncDispose]();
    },
  };
}

test("a notice is told to the core, once, within seconds of its coming", async () => {
  await using machine = aWatch();
  const { core, instance, asked, passing } = machine;
  const watching = machine.watch();
  await passing(() => asked() > 5);
  expect(core.notices).toEqual([]);
  instance.notice = "2026-01-01T00:03:00Z";
  await passing(() => core.notices.length > 0);
  await watching;
  expect(core.notices).toEqual([{ by: "EC2", time: "2026-01-01T00:03:00.000Z" }]);
});

test("the watch outlives its token", async () => {
  await using machine = aWatch();
  const { core, instance, asked, passing, ec2 } = machine;
  const watching = machine.watch();
  await passing(() => asked() > 1);
  await ec2.advance(7 * HOURS);
  instance.notice = "2026-01-01T08:00:00Z";
  await passing(() => core.notices.length > 0);
  await watching;
  expect(core.notices).toHaveLength(1);
});

test("a service that is not there is complained of once, and asked on", async () => {
  await using machine = aWatch();
  const { core, metadata, instance, said, shutdown, passing } = machine;
  await metadata[Symbol.asyncDispose]();
  const watching = machine.watch();
  let seconds = 0;
  await passing(() => ++seconds > 60);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("cannot ask whether this machine will be taken back");
  expect([core.notices, instance.notice]).toEqual([[], undefined]);
  shutdown.abort();
  await watching;
});

test("an agent asks only where its factory says that the machine may be taken back", async () => {
  await using machine = aWatch();
  const { metadata, instance } = machine;
  instance.notice = "2026-01-01T00:03:00Z";
  await using plain = anAgent();
  plain.core.say({ factory_metadata: { v: "1" } });
  await using told = anAgent();
  told.core.say({ factory_metadata: { v: "1", interruption_notices: metadata.urlFor(instance) } });
  await told.core.until(() => told.core.notices.length > 0);
  expect(plain.core.notices).toEqual([]);
  expect(told.core.notices[0]?.by).toBe("EC2");
});
