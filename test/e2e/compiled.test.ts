import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, PROGRAMS } from "../../scripts/compile.ts";
import { newPrivateKey } from "../fake/github/credentials.ts";

const directory = mkdtempSync(join(tmpdir(), "compiled-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("the compiled server has its documentation inside, with no file of ours beside it", async () => {
  const config = join(directory, "server.toml");
  const data = join(directory, "data");
  writeFileSync(config, `[admin]\ntoken = "0123456789abcdef"\n[general]\nlisten = "127.0.0.1:0"\ndata = "${data}"\n`);
  expect(await loadedBy("buildomat-server", ["--config", config], "/docs")).toBeGreaterThan(4);
});

test("the compiled GitHub App has its style inside, and finds its files where the original's are", async () => {
  mkdirSync(join(directory, "etc"));
  writeFileSync(join(directory, "etc/privkey.pem"), newPrivateKey());
  const nobody = "http://127.0.0.1:9";
  writeFileSync(
    join(directory, "etc/app.toml"),
    `id = 1
webhook_secret = "secret"
base_url = "http://wollongong.test"
confroot = ".github/buildomat"
allow_owners = []
listen = "127.0.0.1:0"
[buildomat]
url = "${nobody}"
token = "token"
[sqlite]
[github]
api_url = "${nobody}"
`,
  );
  expect(await loadedBy("wollongong-server", [], "/")).toBeGreaterThan(1);
});

/** Compiles and starts a program, and loads a page of its and everything that this names. @returns how much that is */
async function loadedBy(name: keyof typeof PROGRAMS, args: string[], page: string): Promise<number> {
  const program = join(directory, name);
  await compile(PROGRAMS[name], program);
  const server = Bun.spawn([program, ...args], { cwd: directory, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  try {
    const url = await addressIn(server.stderr);
    const html = await (await fetch(url + page)).text();
    const loads = [...html.matchAll(/<(?:link|script|img)[^>]* (?:src|href)="([^"]*)"/g)].map(([, path = ""]) => path);
    for (const path of loads) {
      const response = await fetch(url + path);
      expect([path, response.status, (await response.bytes()).length > 0]).toEqual([path, 200, true]);
    }
    return loads.length;
  } finally {
    server.kill();
    await server.exited;
  }
}

/** What the server says when it serves. */
async function addressIn(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of output.values({ preventCancel: true })) {
    text += new TextDecoder().decode(piece);
    const url = /"url":"([^"]+)"/.exec(text)?.[1];
    if (url) return url;
  }
  throw new Error(`the server ended: ${text}`);
}
