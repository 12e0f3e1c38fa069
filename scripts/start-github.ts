import { rmSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import type { Client } from "../core/client/client.ts";
import type { Logger } from "../core/common/logger.ts";
import { newToken, type World } from "../core/common/world.ts";
import { type FakeGitHub, fakeGitHub } from "../test/fake/github/fake.ts";
import { Config } from "../wollongong/config.ts";
import { type Server, startServer } from "../wollongong/server.ts";
import { newCoreUser } from "../wollongong/setup/core-user.ts";

const REPOSITORY = "acme/demo";
const PERSON = "demo";
const FILES = join(import.meta.dir, "demo");
/** Of its job files. */
const JOBS = ["build", "test"];

export interface DemoOptions {
  world: World;
  logger: Logger;
  /** Of the core, as its administrator. */
  admin: Client;
  /** Folder for Wollongong's data, emptied first: the GitHub that it knew is gone. */
  data: string;
  /** Of Wollongong; GitHub gets the one after it. 0 takes free ones. */
  port: number;
  print: (text: string) => void;
}

/** Wollongong before a GitHub that is played, with a repository to push to. */
export interface GitHubDemo extends AsyncDisposable {
  /** Rejects when a part that must never end has ended. */
  readonly failed: Promise<never>;
  /** Pushes a commit, says where to look, and waits for its checks. @returns exit status: 0 when all have succeeded */
  push(): Promise<number>;
}

/** Starts both. @throws an Error with one clear sentence */
export async function startGitHub(options: DemoOptions): Promise<GitHubDemo> {
  const { world, admin, print } = options;
  const webhookSecret = newToken(world, 32);
  await using starting = new AsyncDisposableStack();
  const github = starting.use(await fakeGitHub({ port: options.port && options.port + 1, webhookSecret }));
  github.createOrganization("acme", { [PERSON]: "admin" });
  github.installApp("acme");
  await github.createRepository(REPOSITORY, { visibility: "public", files: { "README.md": "# A demo\n" } });
  const { token } = await newCoreUser(admin, world);
  const wollongong = await startWollongong(options, github, token);
  starting.defer(() => wollongong.stop());
  github.deliveries.sendTo(`${wollongong.url}/webhook`);
  print(`== GitHub is played by ${github.url}; wollongong serves ${wollongong.url}`);
  const running = starting.move();
  return {
    failed: wollongong.failed,
    push: () => push(github, wollongong, print),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function startWollongong(options: DemoOptions, github: FakeGitHub, token: string): Promise<Server> {
  const { data, admin, world, logger } = options;
  rmSync(data, { recursive: true, force: true });
  const privateKey = join(data, "privkey.pem");
  await Bun.write(privateKey, github.privateKey, { mode: 0o600 });
  const listen = `127.0.0.1:${options.port || freePort()}`;
  const settings = {
    id: github.app.id,
    webhook_secret: github.webhookSecret,
    base_url: `http://${listen}`,
    confroot: ".github/buildomat",
    allow_owners: ["acme"],
    listen,
    data,
    private_key: privateKey,
    buildomat: { url: admin.options.url, token },
    github: { api_url: github.apiUrl, web_url: github.url },
  };
  return await startServer(Value.Decode(Config, Value.Default(Config, settings)), { world, logger });
}

/** Links begin with it, so it must be known before anything listens there. */
function freePort(): number {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  void server.stop(true);
  return port ?? 0;
}

/** What the repository gets pushed, by path. */
async function demoFiles(): Promise<Record<string, string>> {
  const paths = new Bun.Glob("**/*").scanSync({ cwd: FILES, dot: true });
  const read = async (path: string) => [path, await Bun.file(join(FILES, path)).text()];
  return Object.fromEntries(await Promise.all([...paths].map(read)));
}

async function push(github: FakeGitHub, wollongong: Server, print: DemoOptions["print"]): Promise<number> {
  const sha = await github.commit(REPOSITORY, "main", await demoFiles(), {
    by: PERSON,
    message: "Say hello, and have it checked",
  });
  print(`== ${PERSON} has pushed ${sha.slice(0, 7)} to ${REPOSITORY}`);
  const runs = () => JOBS.flatMap((name) => github.checkRun(sha, name) ?? []);
  await github.until(() => runs().length === JOBS.length);
  print(`
To look at, in a browser:

  ${github.url}/${REPOSITORY}  the repository: commits, checks, buttons, a form to push with
  ${wollongong.url}/status  what all machines do
${runs()
  .map(({ name, detailsUrl }) => `  ${detailsUrl}  the check "${name}"`)
  .join("\n")}

To push yourself:

  git clone ${github.cloneUrl(REPOSITORY, PERSON)}
`);
  await github.until(() => runs().every(({ conclusion }) => conclusion !== null));
  for (const { name, conclusion } of runs()) print(`== ${name}: ${conclusion}`);
  return runs().every(({ conclusion }) => conclusion === "success") ? 0 : 1;
}
