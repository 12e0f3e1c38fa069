import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadConfig, parseConfig } from "./common/config.ts";
import { silent } from "./common/logger.ts";
import { realWorld } from "./common/world.ts";
import { Config } from "./config.ts";
import { aFactory, aJob, testServer } from "./fixture.ts";
import { startServer } from "./server.ts";
import { tlsOf } from "./tls.ts";

describe("a configuration that cannot be", () => {
  const admin = '[admin]\ntoken = "0123456789abcdef"\n';
  test.each<[string, string, string]>([
    ["is no TOML", "[admin", "server.toml: "],
    ["lacks a key", "[general]\n", "admin: is missing"],
    ["has an unknown key", `${admin}[job]\nmax_runtim = 5\n`, "job.max_runtim: there is no such key"],
    ["has a wrong type", `${admin}[job]\nmax_runtime = "long"\n`, "job.max_runtime: expected integer"],
    ["has a type that is none of several", `${admin}[general]\nagent = 5\n`, "general.agent: expected string or array"],
    ["has an unknown word", `${admin}[sandbox]\nnetwork = "all"\n`, 'sandbox.network: expected "host" or "none" or "outbound"'],
    ["has a value out of bounds", `${admin}[schedule]\nlease = 0\n`, "schedule.lease: expected integer to be greater"],
    [
      "has an unknown unit",
      `${admin}[sandbox]\nmemory = "4 GB"\n`,
      "sandbox.memory: expected string to match '^[1-9][0-9]*[kmgKMG]?$'",
    ],
    ["has an address without a port", `${admin}[general]\nlisten = "localhost"\n`, "general.listen: expected"],
    ["has an address without a host", `${admin}[general]\nlisten = ":9979"\n`, "general.listen: expected"],
  ])("%s: is refused, naming the key", (_name, text, fault) => {
    const read = () => parseConfig(Config, text, "server.toml");
    expect(read).toThrow(BadConfig);
    expect(read).toThrow(fault);
  });

  test("has its defaults otherwise", () => {
    expect(parseConfig(Config, admin, "server.toml")).toMatchObject({
      general: { listen: "127.0.0.1:9979" },
      schedule: { lease: 60, silence_limit: 600 },
    });
  });
});

test("what a server keeps is its owner's alone, also in a directory that everybody may look into", async () => {
  await using first = await testServer();
  const alice = await first.user("alice");
  await aFactory(first);
  await alice.client.call("job_submit", { body: aJob() });
  chmodSync(first.data, 0o755);
  await using server = await first.restart();
  const files = readdirSync(server.data, { recursive: true, encoding: "utf8" }).filter((name) => /sqlite|secret/.test(name));
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((name) => (statSync(join(server.data, name)).mode & 0o077) !== 0)).toEqual([]);
});

describe("a server that cannot start says why in one sentence", () => {
  const config = (listen: string, data = mkdtempSync(join(tmpdir(), "core-"))) =>
    parseConfig(Config, `[admin]\ntoken = "0123456789abcdef"\n[general]\nlisten = "${listen}"\ndata = "${data}"\n`, "test");
  const start = (of: ReturnType<typeof config>) => startServer(of, { world: realWorld(), logger: silent });

  test("a busy port", async () => {
    await using busy = await testServer();
    const { host } = new URL(busy.url);
    await expect(start(config(host))).rejects.toThrow(`cannot listen on ${host}: the port is in use`);
  });

  test("an agent that is not there", async () => {
    const of = config("127.0.0.1:0");
    const lacking = { ...of, general: { ...of.general, agent: "/nowhere/agent" } };
    await expect(start(lacking)).rejects.toThrow("general.agent: there is no file /nowhere/agent");
  });

  test("a database that is none", async () => {
    const of = config("127.0.0.1:0");
    const file = join(of.general.data, "core.sqlite");
    writeFileSync(file, "nothing of use, but longer than a header would be".repeat(10));
    await expect(start(of)).rejects.toThrow(`${file} is not a database`);
  });

  test("a data directory that another server uses", async () => {
    await using first = await testServer();
    await expect(start(config("127.0.0.1:0", first.data))).rejects.toThrow("another server is using");
  });
});

describe("a certificate and key that cannot be used are named", () => {
  const dir = mkdtempSync(join(tmpdir(), "tls-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const certificate = join(import.meta.dir, "../test/fixture/localhost.pem");
  const key = join(import.meta.dir, "../test/fixture/localhost.key");
  const pair = { type: "pkcs8", format: "pem" } as const;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = file("other.key", privateKey.export(pair).toString());
  const locked = file("locked.key", privateKey.export({ ...pair, cipher: "aes-256-cbc", passphrase: "secret" }).toString());
  const noise = file("noise.pem", "nothing of use");
  const missing = join(dir, "missing.pem");

  test.each([
    ["a certificate that is missing", missing, key, `tls.certificate: cannot read ${missing}`],
    ["a certificate that is none", noise, key, `tls.certificate: ${noise} is none in PEM`],
    ["a key that is missing", certificate, missing, `tls.key: cannot read ${missing}`],
    ["a key that is none", certificate, noise, `tls.key: ${noise} is none in PEM`],
    ["a key with a passphrase", certificate, locked, `tls.key: ${locked} is encrypted`],
    ["another's key", certificate, other, `tls.key: ${other} is not the key of the certificate ${certificate}`],
  ])("%s", (_name, certificate, key, fault) => {
    const use = () => tlsOf({ certificate, key });
    expect(use).toThrow(BadConfig);
    expect(use).toThrow(fault);
  });
});

test("an address of IPv6 is one in the server's url as well", async () => {
  await using server = await testServer({ general: { listen: "[::1]:0" } });
  expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test("stopping ends streams and long polls, and the data is there again", async () => {
  const server = await testServer();
  const { target } = await aFactory(server);
  const alice = await server.user("alice");
  const { id } = await alice.client.call("job_submit", { body: aJob() });
  const watch = await alice.client.call("job_watch", { path: { job: id }, query: { minseq: 0 } });
  const { token } = await server.admin.call("factory_create", { body: { name: "other" } });
  const lease = server.client(token).poll("factory_lease", { body: { supported_targets: [target] } }, { wait: 60 });
  expect((await lease).answer.lease?.job).toBe(id);
  const waiting = server.client(token).poll("factory_lease", { body: { supported_targets: [target] } }, { wait: 60 });
  // A later answer shows that the poll has arrived.
  await server.admin.call("targets_list", {});
  await using again = await server.restart();
  expect(await watch.text()).toContain("event: state");
  expect((await waiting).answer).toEqual({ lease: null });
  expect(await again.client(alice.token).call("job_get", { path: { job: id } })).toMatchObject({ state: "queued" });
});

test("with a certificate, the server speaks TLS, and a client that knows the authority trusts it", async () => {
  const certificate = join(import.meta.dir, "../test/fixture/localhost.pem");
  const key = join(import.meta.dir, "../test/fixture/localhost.key");
  await using server = await testServer({ tls: { certificate, key } });
  expect(server.url).toStartWith("https://");
  const { Client } = await import("./client/client.ts");
  const url = server.url.replace("127.0.0.1", "localhost");
  const trusting = new Client({ world: realWorld(), url, token: "none", ca: await Bun.file(certificate).text() });
  expect(trusting.call("quota", {})).resolves.toMatchObject({ max_bytes_per_input: 1024 ** 3 });
  const strange = new Client({ world: realWorld(), url, token: "none" });
  expect(strange.call("quota", {})).rejects.toThrow(/certificate|self.signed/i);
});

test("the agent is served as it is and compressed, with the hash that the installer checks", async () => {
  const dir = mkdtempSync(join(tmpdir(), "agent-"));
  const agent = join(dir, "agent");
  writeFileSync(agent, "an agent ".repeat(10_000));
  await using server = await testServer({ general: { agent } });
  const get = (path: string, init?: RequestInit) => fetch(`${server.url}/file/${path}`, init);
  const plain = await (await get("agent")).bytes();
  const packed = new Uint8Array(await (await get("agent.gz")).arrayBuffer());
  expect(Buffer.from(Bun.gunzipSync(packed)).equals(plain)).toBe(true);
  const hash = new Bun.CryptoHasher("sha256").update(plain).digest("hex");
  expect(await (await get("agent.sha256")).text()).toBe(`${hash}  agent\n`);
  expect((await get("agent?kernel=Linux", { method: "HEAD" })).headers.get("x-buildomat-sha256")).toBe(hash);
  expect((await get("agent", { headers: { range: "bytes=0-1" } })).status).toBe(206);
});
