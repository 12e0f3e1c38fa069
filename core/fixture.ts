import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Static } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Client } from "./client/client.ts";
import { silent } from "./common/logger.ts";
import { realWorld, type World } from "./common/world.ts";
import { Config } from "./config.ts";
import { type Server, startServer } from "./server.ts";

export const ADMIN_TOKEN = "test-admin-token-0123456789";

/** A real server on a free port with a fresh data directory, for tests. */
export interface TestServer extends Server {
  readonly data: string;
  readonly admin: Client;
  client(token: string): Client;
  /** A new user with a client of their own. */
  user(name: string, ...privileges: string[]): Promise<{ id: string; token: string; client: Client }>;
  /** The same data directory served by a new server, as after a restart. @param other changes of its configuration */
  restart(other?: ConfigChanges): Promise<TestServer>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type ConfigChanges = { [Section in keyof Config]?: Partial<Config[Section]> };

export async function testServer(changes: ConfigChanges = {}, world: World = realWorld(), logger = silent): Promise<TestServer> {
  return await serveIn(mkdtempSync(join(tmpdir(), "core-")), changes, world, logger);
}

/** A server on a data directory that is there already. */
export async function serveIn(data: string, changes: ConfigChanges, world: World, logger = silent): Promise<TestServer> {
  const config = Value.Decode(
    Config,
    Value.Default(Config, {
      ...changes,
      general: { listen: "127.0.0.1:0", data, ...changes.general },
      admin: { token: ADMIN_TOKEN, ...changes.admin },
    }),
  ) as Static<typeof Config>;
  const server = await startServer(config, { world, logger });
  const client = (token: string) => new Client({ world: realWorld(), url: server.url, token });
  const admin = client(ADMIN_TOKEN);
  return {
    ...server,
    data,
    admin,
    client,
    async user(name, ...privileges) {
      const { id, token } = await admin.call("user_create", { body: { name } });
      for (const privilege of privileges) await admin.call("user_privilege_grant", { path: { user: id, privilege } });
      return { id, token, client: client(token) };
    },
    async restart(other = changes) {
      await server.stop();
      return await serveIn(data, other, world);
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A submission of one task that says hello, changed as wanted. */
export const aJob = (changes: object = {}) => ({
  name: "hello",
  target: "default",
  output_rules: [],
  tasks: [{ name: "say", script: "echo hello", env: {}, env_clear: false }],
  ...changes,
});

/** A factory with a client, and the target `default` where it is missing. */
export async function aFactory(server: TestServer, name = "box") {
  const targets = await server.admin.call("targets_list", {});
  const target =
    targets.find((known) => known.name === "default")?.id ??
    (await server.admin.call("target_create", { body: { name: "default", desc: "for tests" } })).id;
  const { id, token } = await server.admin.call("factory_create", { body: { name } });
  return { id, target, token, client: server.client(token) };
}

type TestFactory = Awaited<ReturnType<typeof aFactory>>;

let machines = 0;

/** A worker whose agent is online, with a client of its own. @param job what it is to run @param details of its machine */
export async function aWorker(
  server: TestServer,
  { client, target }: TestFactory,
  job?: string,
  details: Record<string, string> = {},
) {
  const worker = await client.call("factory_worker_create", { body: { target, ...(job ? { job } : {}) } });
  await client.call("factory_worker_associate", {
    path: { worker: worker.id },
    body: { private: `machine-${++machines}`, details },
  });
  const token = `agent-token-${worker.id}`;
  await server.client("none").call("worker_bootstrap", { body: { bootstrap: worker.bootstrap, token } });
  return { id: worker.id, token, client: server.client(token) };
}
