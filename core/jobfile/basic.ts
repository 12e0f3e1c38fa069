import type { JobFile } from "./parse.ts";
import authentication from "./script/authentication.sh" with { type: "text" };
import clone from "./script/clone.sh" with { type: "text" };
import rustToolchain from "./script/rust-toolchain.sh" with { type: "text" };
import setup from "./script/setup.sh" with { type: "text" };
import unpack from "./script/unpack.sh" with { type: "text" };
import type { Toolchain } from "./toolchain.ts";

/** What is known of the commit that the sources are of. */
interface Commit {
  /** `owner/name`. */
  repository?: string | undefined;
  sha?: string | undefined;
  /** The branch of that repository that the commit was pushed to. */
  branch?: string | undefined;
}

/** Where the job's sources come from, and what differs with that. */
export type Source =
  /** A clone. */
  | (Commit & {
      from: "git";
      repository: string;
      sha: string;
      /** Address of the repository, without credentials: `https://github.com/owner/name`. */
      cloneUrl: string;
      /**
       * The only servers that may see the token, as `https://github.com`. Who submits the job puts the token into its store
       * as the secret GITHUB_TOKEN once it runs, anew before it expires; the job waits for it. None: there is no token.
       */
      tokenFor: readonly string[];
    })
  /** A .tar.gz among the job's inputs. `directory`, below /work, is where it is unpacked. */
  | (Commit & { from: "archive"; input: string; directory: string })
  /** The job file has `skip_clone`. */
  | (Commit & { from: "none" });

export interface BasicTask {
  name: string;
  script: string;
  env: Record<string, string>;
  env_clear: false;
  uid: number | null;
  gid: number | null;
  workdir: string | null;
}

/** The part of a submission that a job file decides. */
export interface BasicJob {
  target: string;
  output_rules: string[];
  tasks: BasicTask[];
  timeout_seconds?: number;
  silence_seconds?: number;
  retries_on_lost_worker: number;
}

const BUILD_ID = 12345;
const HOME = "/home/build";
/** The token lies in it. */
const NETRC = `${HOME}/.netrc`;

/** What a job file of the variety `basic` means: the tasks that prepare the machine and fetch the sources, then the file itself. */
export function basicJob(file: JobFile, source: Source, toolchain?: Toolchain): BasicJob {
  const { timeout, silence } = file;
  return {
    target: file.target,
    output_rules: outputRules(file, source),
    tasks: tasksOf(file, source, toolchain),
    ...(timeout === undefined ? {} : { timeout_seconds: timeout }),
    ...(silence === undefined ? {} : { silence_seconds: silence }),
    retries_on_lost_worker: file.retries,
  };
}

function tasksOf(file: JobFile, source: Source, toolchain: Toolchain | undefined): BasicTask[] {
  const env = environment(source);
  const asBuild = (name: string, script: string, more: Record<string, string> = {}, workdir = HOME): BasicTask => {
    return { name, script, env: { ...env, ...more }, env_clear: false, uid: BUILD_ID, gid: BUILD_ID, workdir };
  };
  const tasks: BasicTask[] = [{ name: "setup", script: setup, env: {}, env_clear: false, uid: null, gid: null, workdir: null }];
  if (toolchain)
    tasks.push(asBuild("rust-toolchain", rustToolchain, { TC_CHANNEL: toolchain.channel, TC_PROFILE: toolchain.profile }));
  if (source.from === "git" && source.tokenFor.length > 0)
    tasks.push(asBuild("authentication", authentication, { TOKEN_FOR: source.tokenFor.join(" ") }));
  if (source.from === "git" && !file.skipClone) tasks.push(asBuild("clone repository", clone, { CLONE_URL: source.cloneUrl }));
  if (source.from === "archive") {
    const paths = { SOURCE_ARCHIVE: `/input/${source.input}`, SOURCE_DIR: `/work/${source.directory}` };
    tasks.push(asBuild("unpack sources", unpack, paths));
  }
  return [...tasks, asBuild("build", file.script, file.env, workdir(file, source))];
}

function workdir(file: JobFile, source: Source): string {
  if (file.skipClone || source.from === "none") return "/work";
  return `/work/${source.from === "git" ? source.repository : source.directory}`;
}

function environment({ repository, sha, branch }: Commit): Record<string, string> {
  return {
    HOME,
    USER: "build",
    LOGNAME: "build",
    CI: "true",
    PATH: `${HOME}/.cargo/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/ooce/bin:/opt/ooce/sbin`,
    ...(repository ? { GITHUB_REPOSITORY: repository } : {}),
    ...(sha ? { GITHUB_SHA: sha } : {}),
    ...(branch ? { GITHUB_BRANCH: branch, GITHUB_REF: `refs/heads/${branch}` } : {}),
  };
}

/** As the file has them; reports are kept unasked, and the token is not even when a rule would take it along. */
function outputRules({ outputRules: rules, reports }: JobFile, source: Source): string[] {
  const named = new Set(rules.map((rule) => rule.replace(/^[=%]+/, "")));
  const all = [...rules, ...new Set(reports.map(({ path }) => path).filter((path) => !named.has(path)))];
  const leaks = source.from === "git" && all.some((rule) => new Bun.Glob(rule.replace(/^[=%]+/, "")).match(NETRC));
  return leaks ? [...all, `!${NETRC}`] : all;
}
