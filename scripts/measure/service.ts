import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "../../core/client/client.ts";
import { realWorld, type World } from "../../core/common/world.ts";

const ADMIN = "an-admin-token-for-the-bench";

/** The compiled programs that are measured. */
export interface Programs {
  server: string;
  agent: string;
  wollongong: string;
}

/** A server in a process of its own, on a fresh data directory, and a user of it. */
export interface Service {
  readonly world: World;
  readonly programs: Programs;
  /** Removed at the end. */
  readonly dir: string;
  readonly data: string;
  readonly url: string;
  readonly pid: number;
  readonly token: string;
  readonly user: Client;
  readonly admin: Client;
  /** Target of the jobs. */
  readonly target: string;
}

export interface ServiceOptions {
  programs: Programs;
  /** Keys of `[sandbox]`; without it there is no factory in the server. */
  sandbox?: string;
  /** Where workers and factories go instead of straight to the server. */
  baseurl?: string;
  /** Puts something into the data directory before the server starts. */
  prepare?(data: string): void;
}

/** Starts a server, lets `work` use it, stops it and removes all of it. */
export async function withService<T>(options: ServiceOptions, work: (service: Service) => Promise<T>): Promise<T> {
  // Not below a home or a checkout: the ids of sandboxes must get through, and machines hide some directories.
  const dir = mkdtempSync("/var/tmp/buildomat-bench-");
  try {
    const { child, ...service } = await start(dir, options);
    try {
      return await work(service);
    } finally {
      child.kill("SIGTERM");
      await child.exited;
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function start(dir: string, { programs, sandbox, baseurl, prepare }: ServiceOptions) {
  const data = join(dir, "data");
  mkdirSync(data);
  prepare?.(data);
  const file = join(dir, "server.toml");
  writeFileSync(
    file,
    [
      `[general]\nlisten = "127.0.0.1:0"\ndata = "${data}"\nagent = "${programs.agent}"`,
      baseurl ? `baseurl = "${baseurl}"` : "",
      `[admin]\ntoken = "${ADMIN}"\n[job]\nmax_size_per_file_mb = 4096\n[quota]\nmax_active_jobs = 10000000`,
      sandbox === undefined ? "" : `[sandbox]\n${sandbox}`,
    ].join("\n"),
    { mode: 0o600 },
  );
  // It ends with this process, however that ends.
  const child = Bun.spawn(["setpriv", "--pdeathsig", "TERM", "--", programs.server, "--config", file], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    cwd: dir,
  });
  const url = await urlIn(child.stderr);
  const world = realWorld();
  const admin = new Client({ world, url, token: ADMIN });
  const { token } = await admin.call("user_create", { body: { name: "alice" } });
  const user = new Client({ world, url, token });
  if (sandbox === undefined) await admin.call("target_create", { body: { name: "default", desc: "" } });
  return { child, world, programs, dir, data, url, pid: child.pid, token, user, admin, target: "default" };
}

/** Reads the server's log until it says where it serves; what comes later is read and dropped. */
export async function urlIn(log: ReadableStream<Uint8Array>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const read = async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const bytes of log) {
      if (text.length > 100_000) continue;
      text += decoder.decode(bytes, { stream: true });
      const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (url) resolve(url);
    }
    reject(new Error(`the server did not start:\n${text}`));
  };
  read().catch(reject);
  return await promise;
}
