import type { JobFile } from "./parse.ts";
import authentication from "./script/authentication.sh" with { type: "text" };
import clone from "./script/clone.sh" with { type: "text" };
import rustToolchain from "./script/rust-toolchain.sh" with { type: "text" };
import setup from "./script/setup.sh" with { type: "text" };
import unpack from "./script/unpack.sh" with { type: "text" };
import type { Toolchain } from "./toolchain.ts";

/** Where the job's sources come from. */
export type Source =
  /** A clone with the token of a GitHub App, which somebody puts into the job's store as GITHUB_TOKEN. */
  | { from: "github"; repository: string; sha: string; branch?: string | undefined }
  /** A .tar.gz among the job's inputs. `directory`, below /work, is where it is unpacked. */
  | {
      from: "archive";
      input: string;
      directory: string;
      repository?: string | undefined;
      sha?: string | undefined;
      branch?: string | undefined;
    }
  /** The job file has `skip_clone`. */
  | { from: "none"; repository?: string | undefined; sha?: string | undefined; branch?: string | undefined };

export interface BasicTask {
  name: string;
  script: string;
  env: Record<string, string>;
  env_clear: false;
  uid: number | null;
  gid: number | null;
  workdir: string;
}

/** The part of a submission that a job file decides. */
export interface BasicJob {
  target: string;
  output_rules: string[];
  tasks: BasicTask[];
}

const BUILD_ID = 12345;
const HOME = "/home/build";

/** What a job file of the variety `basic` means: the tasks that prepare the machine and fetch the sources, then the file itself. */
export function basicJob(file: JobFile, source: Source, toolchain?: Toolchain): BasicJob {
  const env = environment(source);
  const asBuild = (name: string, script: string, more: Partial<BasicTask> = {}): BasicTask => {
    return { name, script, env, env_clear: false, uid: BUILD_ID, gid: BUILD_ID, workdir: HOME, ...more };
  };
  const tasks = [asBuild("setup", setup, { env: {}, uid: null, gid: null, workdir: "/" })];
  if (toolchain) {
    const { channel, profile } = toolchain;
    tasks.push(asBuild("rust-toolchain", rustToolchain, { env: { ...env, TC_CHANNEL: channel, TC_PROFILE: profile } }));
  }
  if (source.from === "github") tasks.push(asBuild("authentication", authentication));
  if (source.from === "github" && !file.skipClone) tasks.push(asBuild("clone repository", clone));
  if (source.from === "archive") {
    const unpackEnv = { ...env, SOURCE_ARCHIVE: `/input/${source.input}`, SOURCE_DIR: `/work/${source.directory}` };
    tasks.push(asBuild("unpack sources", unpack, { env: unpackEnv }));
  }
  tasks.push(asBuild("build", file.script, { workdir: workdir(file, source) }));
  return { target: file.target, output_rules: file.outputRules, tasks };
}

function workdir(file: JobFile, source: Source): string {
  if (file.skipClone || source.from === "none") return "/work";
  return `/work/${source.from === "github" ? source.repository : source.directory}`;
}

function environment({ repository, sha, branch }: Source): Record<string, string> {
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
