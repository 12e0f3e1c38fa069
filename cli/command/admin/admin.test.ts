import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ADMIN_TOKEN, aFactory, aJob, aWorker, type TestServer, testServer } from "../../../core/fixture.ts";
import { buildomat, start, startOnTerminal } from "../../fixture.ts";

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await testServer({ prices: { instances: { large: { hour: 3600 } } } });
  token = (await server.user("alice")).token;
});
afterAll(() => server[Symbol.asyncDispose]());

const env = () => ({ INPUT_URL: server.url, INPUT_SECRET: token, INPUT_ADMIN_TOKEN: ADMIN_TOKEN });
/** What a command prints. @throws an Error with what it said instead */
async function run(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await buildomat(args, { env: env() });
  if (status !== 0) throw new Error(`${args.join(" ")}: ${status}: ${stderr}`);
  return stdout.trimEnd();
}
const json = async (...args: string[]): Promise<unknown> => JSON.parse(await run(...args, "--json"));
const refused = async (...args: string[]) => await buildomat(args, { env: env() });

describe("users", () => {
  test("are made, shown, granted and revoked", async () => {
    expect(await run("admin", "user", "create", "bob")).toMatch(/^[0-9A-Za-z]{48}$/);
    await run("admin", "user", "grant", "bob", "admin.job.read");
    expect(await run("admin", "user", "show", "bob")).toContain("    * admin.job.read");
    await run("admin", "user", "revoke", "bob", "admin.job.read");
    expect(await json("admin", "user", "show", "bob")).toMatchObject({ name: "bob", privileges: [] });
    const { status, stderr } = await refused("admin", "user", "show", "nobody");
    expect([status, stderr]).toEqual([2, "ERROR: there is no user called nobody\n"]);
  });

  test("get new tokens, lose them, are disabled and enabled", async () => {
    const first = await run("admin", "user", "create", "carol");
    const whoami = async (secret: string) =>
      (await buildomat(["info"], { env: { INPUT_URL: server.url, INPUT_SECRET: secret } })).status;
    const second = await run("admin", "user", "rotate", "carol");
    expect([await whoami(first), await whoami(second)]).toEqual([3, 0]);
    await run("admin", "user", "disable", "carol");
    expect(await whoami(second)).toBe(3);
    await run("admin", "user", "enable", "carol");
    expect(await whoami(second)).toBe(0);
    await run("admin", "user", "revoke-token", "carol");
    expect(await whoami(second)).toBe(3);
  });
});

describe("targets", () => {
  test("are renamed, lead to others, and are for some alone", async () => {
    const id = await run("admin", "target", "create", "-d", "a machine", "small");
    const signpost = await run("admin", "target", "rename", "-d", "is tiny now", "small", "tiny");
    const list = async () => await run("admin", "target", "list", "-H", "-o", "id,name,redirect,privilege");
    expect(await list()).toContain(`${id}\ttiny\t-\t-`);
    expect(await list()).toContain(`${signpost}\tsmall\ttiny\t-`);
    await run("admin", "target", "unredirect", "small");
    await run("admin", "target", "restrict", "small", "special");
    expect(await list()).toContain(`${signpost}\tsmall\t-\tspecial`);
    await run("admin", "target", "unrestrict", "small");
    await run("admin", "target", "redirect", "small", id);
    expect(await list()).toContain(`${signpost}\tsmall\ttiny\t-`);
  });
});

describe("factories and workers", () => {
  test("are drained, held, recycled and followed", async () => {
    const factory = await aFactory(server, "box");
    await run("admin", "factory", "enable", "-h", "box");
    expect(await run("admin", "factory", "list", "-H", "-o", "name,flags")).toContain("box\tEH");
    await run("admin", "factory", "enable", "box");
    const worker = await aWorker(server, factory);
    const short = await refused("admin", "worker", "hold", "-r", "why", worker.id);
    expect(short.stderr).toContain("at least 8 characters");
    await run("admin", "worker", "hold", "-r", "a look at its disk", worker.id);
    expect(await run("admin", "worker", "list", "-H", "-h", "-o", "id,hold_reason")).toBe(`${worker.id}\ta look at its disk`);
    expect(await json("admin", "worker", "show", worker.id)).toMatchObject({
      id: worker.id,
      hold: { reason: "a look at its disk" },
    });
    await run("admin", "worker", "release", "all");
    expect(await run("admin", "worker", "list", "-H", "-h")).toBe("");
    await worker.client.call("worker_append", {
      query: {},
      body: [{ stream: "diag.disk", time: new Date().toISOString(), payload: "ok" }],
    });
    const tail = start(["admin", "worker", "tail", worker.id], { env: env() });
    await run("admin", "worker", "recycle", worker.id);
    const draining = start(["admin", "factory", "drain", "box"], { env: env() });
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    expect(await new Response(tail.stdout).text()).toContain("|D| ok\n");
    expect(await new Response(draining.stdout).text()).toBe("box is drained\n");
    expect(await draining.exited).toBe(0);
    const old = await run("admin", "factory", "rotate", "box");
    expect(old).toMatch(/^[0-9A-Za-z]{64}$/);
    await run("admin", "factory", "disable", "box");
  });
});

describe("a job that waits", () => {
  test("says for what; the hold of everything is one reason", async () => {
    await aFactory(server, "other");
    const alice = server.client(token);
    const { id } = await alice.call("job_submit", { body: aJob({ inputs: ["sources"] }) });
    expect(await run("job", "why", id)).toContain("sources");
    await run("admin", "control", "hold");
    const queued = (await alice.call("job_submit", { body: aJob() })).id;
    expect(await run("job", "why", queued)).toMatch(/hold|held/);
    await run("control", "resume");
    expect(await run("job", "why", queued)).not.toMatch(/\bhold\b/);
    await run("job", "cancel", queued);
    expect(await run("job", "why", queued)).toMatch(/^The job has failed: .*cancelled/);
  });
});

describe("outputs", () => {
  test("are signed and published; jobs are archived and purged", async () => {
    const factory = await aFactory(server, "maker");
    const { id: job } = await server.client(token).call("job_submit", { body: aJob({ output_rules: ["/out/*"] }) });
    const { client } = await aWorker(server, factory, job);
    const bytes = new TextEncoder().encode("bytes");
    const { id: chunk } = await client.call("worker_job_upload_chunk", { path: { job }, query: {}, body: bytes });
    const commit = { path: "/out/app", size: bytes.length, chunks: [chunk], commit_id: chunk };
    await client.poll("worker_job_add_output", { path: { job }, query: {}, body: commit }, { wait: 30 });
    const early = await refused("admin", "job", "archive", job);
    expect(early.status).toBe(3);
    await client.call("worker_task_complete", { path: { job, task: 0 }, body: { failed: false } });
    await client.call("worker_job_complete", { path: { job }, body: { failed: false } });
    expect(await (await fetch(await run("job", "sign", job, "/out/app"))).text()).toBe("bytes");
    expect(await (await fetch(await run("job", "publish", job, "/out/app", "app", "v1.0", "app.bin"))).text()).toBe("bytes");
    expect((await refused("job", "sign", job, "/out/other")).stderr).toContain("there are\n    /out/app");
    while ((await buildomat(["admin", "job", "archive", job], { env: env() })).status !== 0) await Bun.sleep(20);
    expect(await run("admin", "job", "dump", job)).toContain(`${job} completed`);
  });
});

test("the dashboard shows workers, queue and results, once or again and again", async () => {
  const factory = await aFactory(server, "dash");
  const alice = server.client(token);
  const { id } = await alice.call("job_submit", { body: aJob({ name: "on the\ndashboard" }) });
  const worker = await aWorker(server, factory, id, { instance_type: "large" });
  const text = await run("admin", "dashboard");
  expect(text).toMatch(/^\d+ machines?, machine time [\dhms ]+ so far, [\d.]+ USD/);
  expect(text.match(/^ {4}machine time [\d ms]+, [\d.]+ USD$/gm)).toHaveLength(2);
  const columns = await run("admin", "worker", "list", "-H", "-A", "-o", "id,seconds,money");
  expect(columns).toMatch(new RegExp(`^${worker.id}\\t\\d+\\t[\\d.]+$`, "m"));
  expect(text).toContain(`== worker ${worker.id} (default, `);
  expect(text).toContain(`~~ running job ${id} (user alice)`);
  expect(text).toContain("    on the dashboard");
  expect(text).toMatch(/^ {4}queue [\d.]+ s, boot [\d.]+ s$/m);
  expect(await json("admin", "dash", "-r", "0")).toMatchObject({ recent: [] });
  const watching = start(["admin", "dashboard", "--watch"], { env: env() });
  let seen = "";
  for await (const bytes of watching.stdout) {
    seen += new TextDecoder().decode(bytes);
    if (seen.split(`== worker ${worker.id}`).length > 2) break;
  }
  watching.kill("SIGINT");
  expect(await watching.exited).toBe(130);
});

test("on a terminal the dashboard is drawn in place, cut to its size, and goes away on Ctrl-C", async () => {
  const alice = server.client(token);
  for (const name of ["first", "second", "third"]) await alice.call("job_submit", { body: aJob({ name }) });
  const { child, type, until } = startOnTerminal(["admin", "dashboard", "-w"], env());
  const seen = await until((seen) => seen.split("\u001b[J").length > 2);
  expect(seen).toStartWith("\u001b[?1049h");
  const [, look = ""] = seen.split("\u001b[H");
  expect(look.trimEnd().split("\n").length).toBeLessThan(10);
  expect(look).toContain("more lines: make the window larger");
  type("\u0003");
  await until((seen) => seen.includes("\u001b[?1049l"));
  expect(await child.exited).toBe(130);
});
