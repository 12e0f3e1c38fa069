import { describe, expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aJob } from "../../test/fake/core-worker.ts";
import { connect } from "../bmat/connection.ts";
import { anAgent, type TestAgent } from "../fixture.ts";
import { encode } from "./protocol.ts";

const addresses = [{ name: "extra", cidr: "10.1.2.0/24", first: "10.1.2.10", count: 4, routed: false, gateway: null }];
const factory_info = { id: "f1", name: "factory", private: null };

/** An agent whose task has begun, and lasts until the end of the test. */
async function working(): Promise<TestAgent> {
  const agent = anAgent((core) => core.say({ factory_info, factory_metadata: { v: "1", addresses } }));
  agent.core.say({ job: aJob("echo up; sleep 1000") });
  await agent.core.until(() => agent.core.lines("stdout").length > 0);
  return agent;
}

/** What comes back on a raw connection until the agent closes it. */
async function raw(path: string, bytes: Uint8Array): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let got = 0;
  await Bun.connect({
    unix: path,
    socket: {
      open: (socket) => void socket.write(bytes),
      data: (_, more) => {
        got += more.length;
      },
      close: () => resolve(got),
    },
  });
  return await promise;
}

const start = (name: string, cmd: string, ...args: string[]) => ({
  ProcessStart: {
    name,
    cmd,
    args,
    env: [["PATH", "/usr/bin:/bin"] as const, ["FOO", "bär"] as const].map(
      ([key, value]): [{ Unix: number[] }, { Unix: number[] }] => [
        { Unix: [...Buffer.from(key)] },
        { Unix: [...Buffer.from(value)] },
      ],
    ),
    pwd: "/tmp",
    // Never believed.
    uid: 54321,
    gid: 54321,
  },
});

describe("the control socket", () => {
  test("is there for every user, and answers before there is a job", async () => {
    await using agent = anAgent((core) => core.say({ factory_info }));
    await agent.core.until(() => agent.core.requests.includes("GET /0/worker/ping"));
    expect(statSync(agent.paths.socket).mode & 0o777).toBe(0o777);
    const connection = await connect(agent.paths.socket);
    expect(await connection.ask("MetadataAddresses")).toEqual({ MetadataAddresses: [] });
    await expect(connection.ask({ StoreGet: "x" })).rejects.toThrow("no job yet");
    connection.close();
  });

  test("tells what the factory said", async () => {
    await using agent = await working();
    const connection = await connect(agent.paths.socket);
    expect(await connection.ask("MetadataAddresses")).toEqual({ MetadataAddresses: addresses });
    expect(await connection.ask("FactoryInfo")).toEqual({ FactoryInfo: factory_info });
    connection.close();
  });

  test("keeps values in the job's store, and hides the secret ones in its log", async () => {
    await using agent = await working();
    const connection = await connect(agent.paths.socket);
    expect(await connection.ask({ StoreGet: "a" })).toEqual({ StoreGet: null });
    expect(await connection.ask({ StorePut: ["a", "correct horse", true] })).toBe("Ack");
    expect(await connection.ask({ StoreGet: "a" })).toEqual({ StoreGet: { name: "a", value: "correct horse", secret: true } });
    await connection.ask(start("show", "/bin/echo", "it is correct horse"));
    await agent.core.until(() => agent.core.lines("bg.show.stdout").length > 0);
    expect(agent.core.lines("bg.show.stdout")).toEqual(["it is ***"]);
    await expect(connection.ask({ StorePut: ["a-b", "x", false] })).rejects.toThrow("no name for a value");
    connection.close();
  });

  test("starts processes as who asks, not as whom the message names", async () => {
    await using agent = await working();
    const connection = await connect(agent.paths.socket);
    expect(await connection.ask(start("who", "sh", "-c", "id -u; pwd; echo $FOO; echo oops >&2"))).toBe("Ack");
    await agent.core.until(() => agent.core.lines("bg.who").length > 0);
    expect(agent.core.lines("bg.who.stdout")).toEqual([String(process.getuid?.()), "/tmp", "bär"]);
    expect(agent.core.lines("bg.who.stderr")).toEqual(["oops"]);
    expect(agent.core.lines("bg.who")).toEqual(["exited with code 0"]);
    await expect(connection.ask(start("who", "true"))).rejects.toThrow("already started");
    await expect(connection.ask(start("a.b", "true"))).rejects.toThrow("no name for a process");
    await expect(connection.ask(start("", "true"))).rejects.toThrow("no name for a process");
    await expect(connection.ask(start("lost", "no-such-program"))).rejects.toThrow("no such program");
    connection.close();
  });

  test.each([
    ["garbage", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
    ["an answer", encode({ id: 1, payload: { Resp: "Ack" } })],
  ])("hangs up on %s, and serves the next one", async (_, bytes) => {
    await using agent = await working();
    expect(await raw(agent.paths.socket, bytes)).toBe(0);
    const connection = await connect(agent.paths.socket);
    expect(await connection.ask("FactoryInfo")).toEqual({ FactoryInfo: factory_info });
    connection.close();
  });

  test.each([[null], [5], [[]], [{}], ["Nonsense"], [{ StorePut: 5 }], [{ ProcessStart: { name: "x" } }]])(
    "refuses the request %j",
    async (request) => {
      await using agent = await working();
      const connection = await connect(agent.paths.socket);
      await expect(connection.ask(request as never)).rejects.toThrow();
      expect(await connection.ask("FactoryInfo")).toEqual({ FactoryInfo: factory_info });
      connection.close();
    },
  );
});

test("background processes end with their task, and what they said is kept", async () => {
  await using agent = anAgent();
  const { core } = agent;
  const gate = join(agent.directory, "gate");
  core.say({ job: aJob(`echo up; until [ -e ${gate} ]; do sleep 0.01; done`) });
  await core.until(() => core.lines("stdout").length > 0);
  const connection = await connect(agent.paths.socket);
  await connection.ask(
    start("last", "/bin/bash", "-c", "trap 'seq 20000; exit 4' TERM; echo ready; while :; do sleep 0.01; done"),
  );
  connection.close();
  await core.until(() => core.lines("bg.last.stdout").length > 0);
  writeFileSync(gate, "");
  await core.until(() => core.completed !== undefined);
  expect(core.completed).toBe(false);
  expect(core.lines("bg.last.stdout")).toEqual(["ready", ...Array.from({ length: 20_000 }, (_, i) => String(i + 1))]);
  expect(core.lines("bg.last")).toEqual(["exited with code 4"]);
  expect(core.job.events.at(-1)?.stream).toBe("task");
});
