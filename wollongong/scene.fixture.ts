import type { World } from "../core/common/world.ts";
import { testServer } from "../core/fixture.ts";
import { newPrivateKey } from "../test/fake/github/credentials.ts";
import { type FakeGitHub, type FakeOptions, fakeGitHub } from "../test/fake/github/fake.ts";
import { type TestWollongong, testWollongong, WEBHOOK_SECRET } from "./fixture.ts";
import { Machines } from "./machines.fixture.ts";

export const REPO = "acme/app";

/** A job file. @param keys further lines of its front matter */
export const jobFile = (name: string, ...keys: string[]): string =>
  [
    "#!/bin/bash",
    "#:",
    `#: name = "${name}"`,
    '#: variety = "basic"',
    ...keys.map((key) => `#: ${key}`),
    "#:",
    "",
    "echo hello",
    "",
  ].join("\n");

export const POLICY = ".github/buildomat/config.toml";
export const jobPath = (name: string): string => `.github/buildomat/jobs/${name}.sh`;

export interface SceneOptions {
  /** Files of the default branch beside the policy; job files by the names of their jobs. */
  jobs?: Record<string, string>;
  files?: Record<string, string>;
  policy?: string;
  github?: FakeOptions;
  config?: Record<string, unknown>;
  visibility?: "public" | "private";
  /** Of Wollongong alone. */
  world?: World;
}

/** Everything: GitHub (a fake one), Wollongong, the core, and machines that do what a test says. */
export interface Scene extends AsyncDisposable {
  github: FakeGitHub;
  wollongong: TestWollongong;
  core: Awaited<ReturnType<typeof testServer>>;
  machines: Machines;
  /** Stops Wollongong and starts another one on the same data. */
  restart(): Promise<void>;
  /** Commits files to a branch and pushes them. @returns the commit */
  push(files: Record<string, string | null>, options?: { by?: string; branch?: string }): Promise<string>;
  /** The newest conclusion, or else the status, of each check run of a commit. */
  checks(sha: string): Record<string, string>;
  /** Waits until the check runs of a commit are as expected. */
  shows(sha: string, checks: Record<string, string>): Promise<void>;
  /** Of the newest run of that name, what GitHub shows. */
  text(sha: string, name: string): string;
}

let privateKey: string | undefined;

export async function aScene(options: SceneOptions = {}): Promise<Scene> {
  const { jobs = { build: jobFile("build") }, files = {}, policy = "enable = true\norg_only = true\n" } = options;
  privateKey ??= newPrivateKey();
  const github = await fakeGitHub({ privateKey, webhookSecret: WEBHOOK_SECRET, ...options.github });
  const core = await testServer();
  const machines = new Machines(core);
  await machines.start();
  const privileges = ["delegate", "admin.job.read", "admin.target.read", "admin.user.read", "admin.worker.read"];
  const { token } = await core.user("github", ...privileges);
  // What comes before the first push of a test makes no suites that it would have to wait for.
  github.deliveries.treat = ({ event }) => (event.startsWith("installation") ? "send" : "drop");
  github.createOrganization("acme", { ann: "admin", ben: "member" });
  github.installApp("acme");
  const all = Object.fromEntries(Object.entries(jobs).map(([name, text]) => [jobPath(name), text]));
  const { visibility = "public" } = options;
  await github.createRepository(REPO, { visibility, files: { "README.md": "# App\n", [POLICY]: policy, ...all, ...files } });
  const config = {
    id: github.app.id,
    buildomat: { url: core.url, token },
    github: { api_url: github.apiUrl, web_url: github.url },
    ...options.config,
  };
  let wollongong = await testWollongong({ config, privateKey, ...(options.world ? { world: options.world } : {}) });
  github.deliveries.treat = () => "send";
  github.deliveries.sendTo(`${wollongong.url}/webhook`);
  await github.deliveries.idle();
  const newest = (sha: string) => new Map(github.checkRunsOf(sha).map((run) => [run.name, run]));
  const checks = (sha: string) =>
    Object.fromEntries([...newest(sha)].map(([name, { conclusion, status }]) => [name, conclusion ?? status]));
  return {
    github,
    core,
    machines,
    get wollongong() {
      return wollongong;
    },
    async restart() {
      wollongong = await wollongong.restart();
      github.deliveries.sendTo(`${wollongong.url}/webhook`);
    },
    push: (changes, { by = "ben", branch = "main" } = {}) => github.commit(REPO, branch, changes, { by }),
    checks,
    async shows(sha, expected) {
      const end = Date.now() + 40_000;
      while (!Bun.deepEquals(checks(sha), expected)) {
        if (Date.now() > end)
          throw new Error(`GitHub shows ${JSON.stringify(checks(sha))}, not ${JSON.stringify(expected)}; ${state(wollongong)}`);
        await Bun.sleep(10);
      }
    },
    text(sha, name) {
      const run = newest(sha).get(name);
      return [run?.title, run?.summary, run?.text].join("\n");
    },
    async [Symbol.asyncDispose]() {
      await machines.stop();
      await wollongong[Symbol.asyncDispose]();
      await core[Symbol.asyncDispose]();
      await github.close();
    },
  };
}

/** Waits until there are so many suites, each run of them is over, and GitHub knows. */
export async function settled({ wollongong: { wo } }: Scene, suites: number): Promise<void> {
  const done = wo.db.query<{ suites: number }, []>("SELECT count(*) AS suites FROM check_suite WHERE state = 'complete'");
  const open = wo.db.query("SELECT 1 FROM check_run WHERE active = 1 AND (state <> 'over' OR version > flushed)");
  await until(() => done.get()?.suites === suites && open.get() === null);
}

/** Waits until something holds, which nothing tells of. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 40_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("it never comes to that");
    await Bun.sleep(10);
  }
}

/** For whoever looks why a test waits for ever. */
function state({ wo: { db } }: TestWollongong): string {
  return JSON.stringify([
    db.query("SELECT seq, event, ack, note, error FROM delivery WHERE ack IS NULL OR note NOT LIKE 'nothing%'").all(),
    db.query("SELECT state, error, due FROM check_suite").all(),
    db.query("SELECT name, active, state, conclusion, job_state, version, flushed, flush_error FROM check_run").all(),
  ]);
}
