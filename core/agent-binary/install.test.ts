import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elfFor } from "../common/elf.fixture.ts";
import { testServer } from "../fixture.ts";

/** A machine's way to the script, and what became of it. @param rest of the script's arguments */
async function install(url: string, dir: string, ...rest: string[]) {
  const script = join(dir, "install.sh");
  writeFileSync(script, await (await fetch(`${url}/file/install.sh`)).text());
  const env = { PATH: process.env["PATH"] ?? "", BUILDOMAT_DOWNLOAD_DIR: dir, TOLD: join(dir, "told") };
  return Bun.spawn(["sh", script, url, ...rest], { env, stdio: ["ignore", "ignore", "pipe"] });
}

/** Stands for the agent: writes down how it was called. */
const AGENT = '#!/bin/sh\necho "$@" >>"$TOLD"\n';

test("the install script brings the agent that the core has, and has it install itself", async () => {
  const dir = mkdtempSync(join(tmpdir(), "install-"));
  const agent = join(dir, "the-agent");
  writeFileSync(agent, AGENT);
  await using server = await testServer({ general: { agent } });
  expect(await (await install(server.url, dir, "the-key", "w-1")).exited).toBe(0);
  expect(readFileSync(join(dir, "told"), "utf8")).toBe(`install -N w-1 ${server.url} the-key\n`);
});

test("an agent that came wrongly is not run, and asked for again", async () => {
  const dir = mkdtempSync(join(tmpdir(), "install-"));
  const agent = join(dir, "the-agent");
  writeFileSync(agent, AGENT);
  await using server = await testServer({ general: { agent } });
  let wrong = 1;
  await using between = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/file/agent.gz" && wrong-- > 0)
        return new Response(Bun.gzipSync(Buffer.from("#!/bin/sh\necho bad >>$TOLD\n")));
      return await fetch(server.url + pathname);
    },
  });
  const machine = await install(`http://127.0.0.1:${between.port}`, dir, "the-key");
  expect(await new Response(machine.stderr).text()).toContain("not the one that the core has");
  expect(readFileSync(join(dir, "told"), "utf8")).toBe(`install http://127.0.0.1:${between.port} the-key\n`);
});

test("a machine gets the agent that was compiled for it", async () => {
  const dir = mkdtempSync(join(tmpdir(), "install-"));
  const [own, other] = [join(dir, "own"), join(dir, "other")];
  writeFileSync(own, AGENT);
  writeFileSync(other, elfFor(process.arch === "x64" ? "arm64" : "x64"));
  await using server = await testServer({ general: { agent: [other, own] } });
  expect(await (await install(server.url, dir, "the-key")).exited).toBe(0);
  expect(readFileSync(join(dir, "told"), "utf8")).toBe(`install ${server.url} the-key\n`);
});

test("a machine for which there is no agent is told so", async () => {
  const dir = mkdtempSync(join(tmpdir(), "install-"));
  const agents = (["x64", "arm64"] as const).map((name) => {
    const agent = join(dir, name);
    writeFileSync(agent, elfFor(name));
    return agent;
  });
  await using server = await testServer({ general: { agent: agents } });
  const get = (query: string) => fetch(`${server.url}/file/agent${query}`);
  const bytes = async (query: string) => Buffer.from(await (await get(query)).bytes());
  expect(await bytes("?mach=aarch64")).toEqual(elfFor("arm64"));
  expect(await bytes("?kernel=Linux&mach=x86_64")).toEqual(elfFor("x64"));
  expect(await bytes("")).toEqual(elfFor("x64"));
  const answer = await get("?mach=riscv64");
  expect([answer.status, await answer.json()]).toMatchObject([404, { message: expect.stringContaining("no agent for riscv64") }]);
});
