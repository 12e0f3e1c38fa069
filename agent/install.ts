import { chmodSync, copyFileSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, reasonOf } from "../core/common/errors.ts";
import { newToken, type World } from "../core/common/world.ts";
import { type AgentConfig, readAgentConfig, writeAgentConfig } from "./config.ts";
import type { Paths } from "./paths.ts";
import { hasSystemd, startSupervisor, startUnit } from "./service.ts";

export interface InstallOptions {
  world: World;
  paths: Paths;
  /** Where the rest of the machine lies: `/`, in tests a directory. */
  root: string;
  /** The running program, which is to be installed. */
  program: string;
  /** Runs a helper to its end. @throws Error when it fails */
  helper(argv: [string, ...string[]]): void;
  /** Starts a program that outlives us, its output at the end of a file. */
  detached(argv: [string, ...string[]], log: string): void;
  warn(message: string): void;
}

const USAGE = "Usage: agent install [-N NODENAME] BASEURL BOOTSTRAP_TOKEN";

/**
 * `agent install`: makes this machine a worker. Repeating it repairs what is missing; the machine's token stays, as long
 * as core and bootstrap key are the same.
 *
 * @throws Error that says what could not be done
 */
export function install(options: InstallOptions, args: readonly string[]): void {
  const name = args[0] === "-N" ? args[1] : undefined;
  const [baseurl, bootstrap] = args[0] === "-N" ? args.slice(2) : args;
  if (!baseurl || !bootstrap) throw new Error(USAGE);
  if (name) setNodeName(options, name);
  writeAgentConfig(options.paths, { baseurl, bootstrap, token: tokenFor(options, baseurl, bootstrap) });
  installProgram(options);
  mkdirSync(options.paths.input, { recursive: true });
  if (hasSystemd(options.root)) startUnit(options.root, join(options.paths.lib, "agent"), options.helper);
  else startSupervisor(options.paths.lib, options.detached);
}

/** An agent that runs already has told its token to the core: another one would not be let in. */
function tokenFor({ world, paths }: InstallOptions, baseurl: string, bootstrap: string): string {
  const before = existing(paths);
  return before?.baseurl === baseurl && before.bootstrap === bootstrap ? before.token : newToken(world, 64);
}

function existing(paths: Paths): AgentConfig | undefined {
  try {
    return readAgentConfig(paths);
  } catch {
    // Missing, or broken: it is written anew.
    return undefined;
  }
}

/** A machine without its name is only less pleasant to look at. */
function setNodeName({ root, helper, warn }: InstallOptions, name: string): void {
  const hosts = [
    "127.0.0.1 localhost",
    `127.0.1.1 ${name}`,
    "::1 ip6-localhost ip6-loopback",
    "ff02::1 ip6-allnodes",
    "ff02::2 ip6-allrouters",
  ];
  try {
    mkdirSync(join(root, "etc"), { recursive: true });
    writeFileSync(join(root, "etc/hostname"), `${name}\n`);
    writeFileSync(join(root, "etc/hosts"), `${hosts.join("\n")}\n`);
    helper(["/bin/hostname", name]);
  } catch (error) {
    warn(`cannot name this machine ${name}: ${reasonOf(error)}`);
  }
}

/** One file under two names: what it is called decides what it does. */
function installProgram({ paths, root, program }: InstallOptions): void {
  const agent = join(paths.lib, "agent");
  mkdirSync(paths.lib, { recursive: true });
  if (program !== agent) replace(agent, (file) => copyFileSync(program, file));
  chmodSync(agent, 0o755);
  const bmat = join(root, "usr/bin/bmat");
  mkdirSync(dirname(bmat), { recursive: true });
  replace(bmat, (file) => linkOrCopy(agent, file));
  const bin = lstatSync(join(root, "bin"), { throwIfNoEntry: false });
  if (bin?.isDirectory()) replace(join(root, "bin/bmat"), (file) => symlinkSync("../usr/bin/bmat", file));
}

/** Puts a file in the place of one that may be running. */
function replace(file: string, make: (file: string) => void): void {
  const next = `${file}.new`;
  rmSync(next, { force: true });
  make(next);
  renameSync(next, file);
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) !== "EXDEV" && codeOf(error) !== "EPERM") throw error;
    copyFileSync(from, to);
    chmodSync(to, 0o755);
  }
}
