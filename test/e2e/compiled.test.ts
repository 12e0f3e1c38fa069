import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, PROGRAMS } from "../../scripts/compile.ts";

const directory = mkdtempSync(join(tmpdir(), "compiled-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("the compiled server has its documentation inside, with no file of ours beside it", async () => {
  const program = join(directory, "buildomat-server");
  await compile(PROGRAMS["buildomat-server"], program);
  const config = join(directory, "server.toml");
  const data = join(directory, "data");
  writeFileSync(config, `[admin]\ntoken = "0123456789abcdef"\n[general]\nlisten = "127.0.0.1:0"\ndata = "${data}"\n`);
  const server = Bun.spawn([program, "--config", config], { cwd: directory, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  try {
    const url = await addressIn(server.stderr);
    const page = await (await fetch(`${url}/docs`)).text();
    const loads = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path = ""]) => path);
    expect(loads.length).toBeGreaterThan(4);
    for (const path of loads) {
      const response = await fetch(url + path);
      expect([path, response.status, (await response.bytes()).length > 0]).toEqual([path, 200, true]);
    }
  } finally {
    server.kill();
    await server.exited;
  }
});

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
