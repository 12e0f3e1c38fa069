import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appToml } from "./fixture.ts";
import type { Scene } from "./scene.fixture.ts";

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** Where an operator sits: a directory with the configuration and the key of the App, beside the data directory. */
export interface Desk extends Disposable {
  dir: string;
  /** Runs `wollongong-server`. */
  server(data: string, args: readonly string[]): Promise<Ended>;
  /** Runs `wollongong-dbtool`. */
  tool(data: string, args: readonly string[], stdin?: string): Promise<Ended>;
  /** Destroys the data directory, fills it from a backup and starts a server on it. */
  lose(backup: string): Promise<void>;
}

export function aDesk(scene: Scene): Desk {
  const dir = mkdtempSync(join(tmpdir(), "desk-"));
  const [config, key] = [join(dir, "app.toml"), join(dir, "privkey.pem")];
  copyFileSync(join(scene.wollongong.dir, "privkey.pem"), key);
  const run = async (program: string, data: string, args: readonly string[], stdin = ""): Promise<Ended> => {
    writeFileSync(config, appToml(scene.github, { url: scene.core.url, token: "none" }, data, key));
    const main = join(import.meta.dir, program);
    const child = Bun.spawn([process.execPath, main, "--config", config, ...args], {
      stdin: Buffer.from(stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { status: await child.exited, stdout, stderr };
  };
  const server: Desk["server"] = (data, args) => run("main.ts", data, args);
  return {
    dir,
    server,
    tool: (data, args, stdin) => run("dbtool/main.ts", data, args, stdin),
    async lose(backup) {
      const { wollongong } = scene;
      await wollongong.stop();
      rmSync(wollongong.dir, { recursive: true });
      const { status, stderr } = await server(wollongong.dir, ["restore", backup]);
      if (status !== 0) throw new Error(stderr);
      copyFileSync(key, join(wollongong.dir, "privkey.pem"));
      await scene.restart();
    },
    [Symbol.dispose]() {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
