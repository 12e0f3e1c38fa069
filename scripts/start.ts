import { chmodSync, closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "../core/client/client.ts";
import { readConfig } from "../core/common/config.ts";
import { reasonOf } from "../core/common/errors.ts";
import { createLogger } from "../core/common/logger.ts";
import { newToken, realWorld, type World } from "../core/common/world.ts";
import { Config } from "../core/config.ts";
import { type Service, startService } from "../core/serve.ts";
import { compileAgent } from "./compile.ts";
import { startGitHub } from "./start-github.ts";

const USAGE = `Usage: scripts/start [--github] [--once] [--port N] [--data DIR]

Starts buildomat on this machine and lets it build itself, then keeps serving until Ctrl-C.

    --github      show checks of GitHub commits instead: a GitHub is played, a commit pushed
    --once        stop after the build or the checks, with their exit status
    --port N      listen on 127.0.0.1:N (default 9979; 0 takes a free one)
    --data DIR    keep everything in DIR (default .local)
`;

const JOB_FILE = ".github/buildomat/jobs/build.sh";
const ARTEFACT = "/work/out/buildomat-agent";

/** Of Wollongong. */
const GITHUB_PORT = 4021;

interface Options {
  github: boolean;
  once: boolean;
  port: string;
  data: string;
}

async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      github: { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      port: { type: "string", default: "9979" },
      data: { type: "string", default: ".local" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535) throw new TypeError(`--port: "${values.port}" is no port`);
  const { github, once, port } = values;
  return await run({ github, once, port, data: resolve(values.data) });
}

async function run({ github, once, port, data }: Options): Promise<number> {
  const world = realWorld();
  const stopping = Promise.withResolvers<"stopped">();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.resolve("stopped"));
  mkdirSync(data, { recursive: true, mode: 0o700 });
  say("compiling the agent");
  await compileAgent("dist/buildomat-agent");
  const configFile = writeConfig(world, data, port);
  const config = readConfig(Config, configFile);
  const log = openSync(join(data, "server.log"), "a", 0o600);
  const logger = createLogger({ write: (line) => writeSync(log, line), pretty: false });
  const service = await startService(config, { world, logger, configFile });
  try {
    say(`serving ${service.url}, data in ${shown(data)}, log in ${shown(join(data, "server.log"))}`);
    say(`jobs are isolated by ${service.isolation}`);
    const cli = await writeProfile(world, service, data, config.admin.token);
    const admin = new Client({ world, url: service.url, token: config.admin.token });
    const place = { data: join(data, "wollongong"), port: port === "0" ? 0 : GITHUB_PORT };
    await using demo = github ? await startGitHub({ world, logger, admin, ...place, print: console.log }) : undefined;
    const ends = [stopping.promise, service.failed, ...(demo ? [demo.failed] : [])];
    const status = await Promise.race([demo?.push() ?? build(cli, data), ...ends]);
    if (status === "stopped") return 130;
    if (once) return status;
    if (!demo) say(status === 0 ? "the build has succeeded" : "the build has failed: see its log above");
    tellWhatNext(cli);
    await Promise.race(ends);
    return 0;
  } finally {
    say("stopping");
    await service.stop();
    closeSync(log);
  }
}

/** server.toml, with the tokens of an earlier start. */
function writeConfig(world: World, data: string, port: string): string {
  const file = join(data, "server.toml");
  const token = existsSync(file) ? readConfig(Config, file).admin.token : newToken(world, 48);
  const text = `# Written by scripts/start; docs/configuration.md explains every key.
[general]
listen = "127.0.0.1:${port}"
data = ${JSON.stringify(join(data, "core"))}
agent = ${JSON.stringify(resolve("dist/buildomat-agent"))}

[admin]
token = "${token}"

[sandbox]
`;
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/**
 * A user, a CLI profile `local` for them, and a command that uses it.
 *
 * @returns path of that command
 */
async function writeProfile(world: World, { url }: Service, data: string, adminToken: string): Promise<string> {
  const file = join(data, "cli.toml");
  const known = existsSync(file) ? /^secret = "(\w+)"$/m.exec(await Bun.file(file).text())?.[1] : undefined;
  const secret = (await tokenIfValid(world, url, known)) ?? (await newUser(world, url, adminToken));
  const text = `default_profile = "local"

[profile.local]
url = "${url}"
secret = "${secret}"
admin_token = "${adminToken}"
`;
  writeFileSync(file, text, { mode: 0o600 });
  const command = join(data, "buildomat");
  writeFileSync(command, `#!/bin/sh\nBUILDOMAT_CONFIG='${file}' exec '${process.execPath}' '${resolve("cli/main.ts")}' "$@"\n`, {
    mode: 0o755,
  });
  chmodSync(command, 0o755);
  return command;
}

async function tokenIfValid(world: World, url: string, token: string | undefined): Promise<string | undefined> {
  if (!token) return undefined;
  const client = new Client({ world, url, token });
  return await client.call("whoami", {}).then(
    () => token,
    () => undefined,
  );
}

async function newUser(world: World, url: string, adminToken: string): Promise<string> {
  const admin = new Client({ world, url, token: adminToken });
  const users = await admin.call("users_list", {});
  const name = users.length === 0 ? "local" : `local-${users.length + 1}`;
  return (await admin.call("user_create", { body: { name } })).token;
}

/** Runs the main job and follows its log. @returns the exit status of the job */
async function build(cli: string, data: string): Promise<number> {
  say("the main job: buildomat builds itself");
  const job = await capture([cli, "job", "run", "-W", "--file", JOB_FILE, "-i", `bun=${process.execPath}`]);
  say(`job ${job}`);
  const code = await Bun.spawn([cli, "job", "tail", job], { stdio: ["ignore", "inherit", "inherit"] }).exited;
  if (code !== 0) return code;
  const out = join(data, "out");
  mkdirSync(out, { recursive: true });
  const file = join(out, "buildomat-agent");
  await capture([cli, "job", "copy", job, ARTEFACT, file]);
  chmodSync(file, 0o755);
  const hash = new Bun.CryptoHasher("sha256").update(await Bun.file(file).bytes()).digest("hex");
  say(`artefact ${shown(file)}`);
  say(`sha256 ${hash}`);
  return 0;
}

/** What a command prints to stdout; its messages go to the terminal. @throws when it fails */
async function capture(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${command.slice(0, 3).join(" ")} failed`);
  return text.trim();
}

function tellWhatNext(cli: string): void {
  const name = shown(cli);
  console.log(`
What to try next, in another terminal:

  ${name} job list
  ${name} job run --name hello --script 'echo "hello from $(hostname)"; id; df -h /'
  ${name} admin worker list --active

Ctrl-C stops the server.`);
}

const say = (text: string) => console.log(`== ${text}`);

/** A path as one would type it here. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    const usage = error instanceof TypeError;
    process.stderr.write(`scripts/start: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
    return usage ? 2 : 1;
  }),
);
