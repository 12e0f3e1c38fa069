import { expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { aFactory, aJob, aWorker, type ConfigChanges, type TestServer, testServer } from "../fixture.ts";

const prices = (hour: number): ConfigChanges => ({ prices: { instances: { large: { hour, spot_hour: 0.36 } } } });
const LARGE = { instance_type: "large", market: "on demand" };

/** A server whose clock the test moves, and a job of it. */
async function aScene(config: ConfigChanges = prices(3.6)) {
  const world = manualWorld();
  const server = await testServer(config, world);
  const factory = await aFactory(server);
  const { client } = await server.user("alice");
  const { id } = await client.call("job_submit", { body: aJob({ retries_on_lost_worker: 1 }) });
  return {
    server,
    factory,
    id,
    pass: (seconds: number) => world.advance(seconds * 1000),
    worker: (details: Record<string, string>, job?: string) => aWorker(server, factory, job, details),
    destroy: (worker: { id: string }) => factory.client.call("factory_worker_destroy", { path: { worker: worker.id } }),
    cost: async (at: TestServer = server) => (await at.admin.call("admin_job_get", { path: { job: id } })).cost,
  };
}

test("a job costs what its machines cost in all attempts, from when they were asked for until they are destroyed", async () => {
  const { server, id, pass, worker, destroy, cost } = await aScene();
  await using _ = server;
  expect(await cost()).toBeNull();
  await pass(60);
  const lost = await worker(LARGE, id);
  await pass(10);
  expect(await cost()).toEqual({ instance_seconds: 10, money: 0.01, currency: "USD" });
  await destroy(lost);
  await pass(5);
  const second = await worker({ ...LARGE, market: "spot" }, id);
  await pass(100);
  await second.client.call("worker_job_complete", { path: { job: id }, body: { failed: false } });
  await pass(20);
  expect(await cost()).toEqual({ instance_seconds: 130, money: 0.022, currency: "USD" });
  await destroy(second);
  await pass(1000);
  expect(await cost()).toEqual({ instance_seconds: 130, money: 0.022, currency: "USD" });
  const machine = await server.admin.call("worker", { path: { worker: second.id } });
  expect(machine.cost).toEqual({ instance_seconds: 120, money: 0.012, currency: "USD" });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('\nbuildomat_instance_seconds_total{target="default"} 130\n');
  expect(metrics).toContain('\nbuildomat_instance_money_total{target="default",currency="USD"} 0.022\n');
});

test.each([
  ["another type", { instance_type: "small" }],
  ["the spot market without a price for it", { instance_type: "huge", market: "spot" }],
  ["nobody knows what", {}],
])("of a machine of %s the seconds are known, the money is not", async (_, details) => {
  const { server, id, pass, worker, cost } = await aScene({ prices: { currency: "EUR", instances: { huge: { hour: 1 } } } });
  await using _server = server;
  const machine = await worker(details, id);
  await pass(10);
  expect(await cost()).toEqual({ instance_seconds: 10, money: null, currency: "EUR" });
  expect((await server.admin.call("worker", { path: { worker: machine.id } })).cost).toMatchObject({ money: null });
});

test("without prices, there is no currency either", async () => {
  const { server, id, pass, worker, cost } = await aScene({});
  await using _ = server;
  await worker(LARGE, id);
  await pass(10);
  expect(await cost()).toEqual({ instance_seconds: 10, money: null, currency: null });
});

test("a price is that of the day, whatever the configuration says later", async () => {
  const scene = await aScene();
  const { server, id, worker, pass, cost, factory } = scene;
  const machine = await worker(LARGE, id);
  await pass(10);
  await using again = await server.restart({ prices: { currency: "EUR", instances: { large: { hour: 36 } } } });
  const client = again.client(factory.token);
  const path = { worker: machine.id };
  const { factory_private: name } = await again.admin.call("worker", { path });
  await client.call("factory_worker_associate", { path, body: { private: name ?? "", details: LARGE } });
  await pass(10);
  await client.call("factory_worker_destroy", { path });
  expect(await cost(again)).toEqual({ instance_seconds: 20, money: 0.02, currency: "USD" });
  const { id: other } = await aWorker(again, { ...factory, client }, id, LARGE);
  await pass(10);
  expect((await again.admin.call("worker", { path: { worker: other } })).cost).toMatchObject({ money: 0.1, currency: "EUR" });
  // Two currencies make no sum.
  expect(await cost(again)).toEqual({ instance_seconds: 30, money: null, currency: "EUR" });
});

test("what was destroyed before this was noted, or was never made, has no cost", async () => {
  const { server, factory, id, worker, destroy, cost } = await aScene();
  await using _ = server;
  const machine = await worker(LARGE, id);
  await destroy(machine);
  server.core.db.run("UPDATE worker SET time_destroyed = NULL");
  expect(await cost()).toBeNull();
  const { id: never } = await factory.client.call("factory_worker_create", { body: { target: factory.target } });
  expect((await server.admin.call("worker", { path: { worker: never } })).cost).toBeNull();
});
