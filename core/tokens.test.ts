import { expect, test } from "bun:test";
import { createLogger } from "./common/logger.ts";
import { realWorld } from "./common/world.ts";
import { ADMIN_TOKEN, aFactory, aJob, testServer } from "./fixture.ts";

test("no token, key, signature or secret is ever logged or measured, also when the server fails", async () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", pretty: false, write: (line) => lines.push(line) });
  await using server = await testServer({}, realWorld(), logger);
  const alice = await server.user("alice", "delegate");
  const { token: rotated } = await server.admin.call("user_token_rotate", { path: { user: alice.id } });
  const factory = await aFactory(server);
  const { token: factoryToken } = await server.admin.call("factory_token_rotate", { path: { factory: factory.id } });
  const machines = server.client(factoryToken);
  const { id: worker, bootstrap } = await machines.call("factory_worker_create", { body: { target: factory.target } });
  await machines.call("factory_worker_associate", { path: { worker }, body: { private: "m1" } });
  const agentToken = "the-token-of-an-agent-0123456789";
  await server.client("none").call("worker_bootstrap", { body: { bootstrap, token: agentToken } });
  const client = server.client(rotated);
  const { id: job } = await client.call("job_submit", { body: aJob() });
  await client.call("job_store_put", { path: { job, name: "key" }, body: { value: "the-secret-value", secret: true } });
  const secrets = [ADMIN_TOKEN, alice.token, rotated, factoryToken, bootstrap, agentToken, "the-secret-value", "no-such-token"];
  const signed = `/0/signed/${job}/${job}?expires=${Date.now() + 10_000}&signature=the-signature`;
  const paths = ["/0/whoami", "/0/worker/ping", "/0/factory/workers", "/0/nothing", "/0/users", signed];
  const askAll = async () => {
    for (const path of paths)
      for (const token of secrets)
        await (await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } })).text();
    const body = JSON.stringify({ value: "the-secret-value", secret: true });
    const headers = { authorization: `Bearer ${rotated}`, "content-type": "application/json" };
    return (await fetch(`${server.url}/0/jobs/${job}/store/key`, { method: "PUT", headers, body })).status;
  };
  await askAll();
  for (const table of ["worker", "store", "user_privilege"]) server.core.db.run(`ALTER TABLE ${table} RENAME TO gone_${table}`);
  expect(await askAll()).toBe(500);
  expect(lines.some((line) => line.includes("request failed"))).toBe(true);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const told = [...lines, metrics].join("");
  expect([...secrets, "the-signature"].filter((secret) => told.includes(secret))).toEqual([]);
  for (const table of ["worker", "store", "user_privilege"]) server.core.db.run(`ALTER TABLE gone_${table} RENAME TO ${table}`);
});
