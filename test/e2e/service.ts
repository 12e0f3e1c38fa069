import { expect } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Client } from "../../core/client/client.ts";
import { parseConfig } from "../../core/common/config.ts";
import { silent } from "../../core/common/logger.ts";
import { realWorld } from "../../core/common/world.ts";
import { Config } from "../../core/config.ts";
import { CannotIsolate } from "../../core/provider/sandbox/probe.ts";
import { startService } from "../../core/serve.ts";

const AGENT = resolve("dist/buildomat-agent");
const ADMIN = "an-admin-token-for-tests";

export interface Outcome {
  status: number;
  out: string;
  err: string;
}

/** A certificate that signed itself, and its key: paths of PEM files. */
export interface Tls {
  certificate: string;
  key: string;
}

/** A whole service with real sandboxes, as an operator would run it, and the command line of one of its users. */
export interface TestService {
  readonly dir: string;
  readonly client: Client;
  readonly admin: Client;
  /** Runs `buildomat ARGS`. */
  cli(...args: string[]): Promise<Outcome>;
  /** Runs a job of one script and waits for its end. @returns its id */
  run(script: string, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Runs `work` with a service. Where the host cannot isolate jobs, the service must refuse to start and say why, and that is
 * what is tested.
 */
export async function withService(
  work: (service: TestService) => Promise<void>,
  sandbox = "slots = 2",
  tls: Tls | undefined = undefined,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "service-"));
  try {
    const service = await start(dir, sandbox, tls);
    try {
      await work(service);
    } finally {
      await service.stop();
    }
  } catch (error) {
    if (!(error instanceof CannotIsolate) || hasNamespaces()) throw error;
    expect(error.message).toContain("cannot isolate jobs");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Asked of the kernel by other means than the product's own, so that a fault of ours is not taken for the host's refusal. */
const hasNamespaces = () =>
  Bun.spawnSync(["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "mount", "-t", "proc", "proc", "/proc"])
    .success;

async function start(dir: string, sandbox: string, tls: Tls | undefined): Promise<TestService> {
  const world = realWorld();
  const configFile = join(dir, "server.toml");
  const text = `[general]
listen = "127.0.0.1:0"
data = "${join(dir, "core")}"
agent = "${AGENT}"
[admin]
token = "${ADMIN}"
${tls ? `[tls]\ncertificate = "${tls.certificate}"\nkey = "${tls.key}"\nauthority = "${tls.certificate}"` : ""}
[sandbox]
${sandbox}
`;
  const ca = tls ? { ca: readFileSync(tls.certificate, "utf8") } : {};
  writeFileSync(configFile, text, { mode: 0o600 });
  const service = await startService(parseConfig(Config, text, "test"), { world, logger: silent, configFile });
  const { url } = service;
  const admin = new Client({ world, url, token: ADMIN, ...ca });
  const { token } = await admin.call("user_create", { body: { name: "alice" } });
  const cli = (...args: string[]) => runCli(join(dir, "cli"), url, token, args);
  return {
    dir,
    client: new Client({ world, url, token, ...ca }),
    admin,
    cli,
    async run(script, ...args) {
      const submitted = await cli("job", "run", "-W", "-n", "test", "-c", script, ...args);
      if (submitted.status !== 0) throw new Error(submitted.err);
      const id = submitted.out.trim();
      await cli("job", "tail", id);
      return id;
    },
    stop: () => service.stop(),
  };
}

/** Runs `buildomat ARGS` as the user with that token. */
export async function runCli(home: string, url: string, secret: string, args: string[], admin = ADMIN): Promise<Outcome> {
  mkdirSync(home, { recursive: true });
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, INPUT_URL: url, INPUT_SECRET: secret, INPUT_ADMIN_TOKEN: admin };
  const child = Bun.spawn([process.execPath, resolve("cli/main.ts"), ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, out, err };
}

/** Processes of this host whose command line contains `mark`. */
export function processesWith(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
      } catch {
        return false; // it has ended meanwhile
      }
    });
}

/** Looks again and again until `holds`; the test's own time limit is the only one. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await realWorld().sleep(20);
}
