import { openSync } from "node:fs";
import { basename } from "node:path";
import type { BoxConfig, SkeletonConfig } from "../core/common/box.ts";
import { reasonOf } from "../core/common/errors.ts";
import { createLogger } from "../core/common/logger.ts";
import { newToken, realWorld } from "../core/common/world.ts";
import { here } from "./bmat/here.ts";
import { bmat } from "./bmat/main.ts";
import { enterBox } from "./box/enter.ts";
import { makeSkeleton } from "./box/skeleton.ts";
import { type AgentConfig, readAgentConfig } from "./config.ts";
import { type InstallOptions, install } from "./install.ts";
import { PATHS } from "./paths.ts";
import { type AgentOptions, runAgent } from "./run.ts";

const USAGE = `Usage: agent COMMAND

Commands:
    install [-N NODENAME] BASEURL BOOTSTRAP_TOKEN
    run
`;

/** Sub-commands; `box` and `skeleton` are for the factory. */
const COMMANDS: Readonly<Record<string, (args: string[]) => void | Promise<void>>> = {
  install: (args) => install(installHere(), args),
  run: () => work({ config: readAgentConfig(PATHS) }),
  box: ([config = ""]) => workInBox(JSON.parse(config) as BoxConfig),
  skeleton: ([config = ""]) => makeSkeleton(JSON.parse(config) as SkeletonConfig),
};

async function workInBox(config: BoxConfig): Promise<void> {
  const { baseurl, bootstrap, unix, ca, single_id, processes } = enterBox(config);
  const token = newToken(realWorld(), 64);
  await work({ config: { baseurl, bootstrap, token }, unix, ca, limits: { singleId: single_id, processes } });
}

/** Is the agent until a signal asks it to stop. */
async function work(options: { config: AgentConfig } & Partial<AgentOptions>): Promise<void> {
  const shutdown = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => shutdown.abort());
  await runAgent({
    world: realWorld(),
    logger: createLogger(process.env["BUILDOMAT_DEBUG"] ? { level: "debug" } : {}),
    paths: PATHS,
    limits: { singleId: false, processes: undefined },
    shutdown: shutdown.signal,
    ...options,
  });
}

function installHere(): InstallOptions {
  if (process.getuid?.() !== 0) throw new Error("only root can install the agent");
  const [cwd, env] = ["/", {}];
  return {
    world: realWorld(),
    paths: PATHS,
    root: "/",
    program: process.execPath,
    helper: (argv) => {
      const { success, exitCode } = Bun.spawnSync(argv, { cwd, env, stdin: "ignore", stdout: "inherit", stderr: "inherit" });
      if (!success) throw new Error(`${argv.join(" ")} failed with status ${exitCode}`);
    },
    detached: (argv, log) => {
      const to = openSync(log, "a", 0o600);
      Bun.spawn(argv, { cwd, env: { PATH: "/usr/bin:/bin" }, detached: true, stdin: "ignore", stdout: to, stderr: to }).unref();
    },
    warn: (message) => process.stderr.write(`agent: ${message}\n`),
  };
}

async function main(): Promise<number> {
  const [name = "", ...args] = process.argv.slice(2);
  if (basename(process.argv0) === "bmat") return await bmat(process.argv.slice(2), here(realWorld(), PATHS.socket));
  if (name === "--help") {
    process.stdout.write(USAGE);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    process.stderr.write(USAGE);
    return 1;
  }
  await command(args);
  return 0;
}

main().then(
  (status) => process.exit(status),
  // Uncaught, Bun would print its whole minified source.
  (error: unknown) => {
    process.stderr.write(`agent: ${reasonOf(error)}\n`);
    process.exit(1);
  },
);
