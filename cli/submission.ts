import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { JobSubmit, TaskSubmit } from "../core/client/operations.ts";
import type { Given, Options } from "../core/common/command/command.ts";
import { UsageError } from "../core/common/command/failure.ts";
import { codeOf, reasonOf } from "../core/common/errors.ts";
import { basicJob, type Source } from "../core/jobfile/basic.ts";
import { type JobFile, parseJobFile } from "../core/jobfile/parse.ts";
import { BadJobFile } from "../core/jobfile/problem.ts";
import { BadToolchain, toolchainOf } from "../core/jobfile/toolchain.ts";
import { parseRetries, parseSeconds } from "./amount.ts";
import { checkId } from "./ids.ts";
import { type Input, parseInput } from "./inputs.ts";
import { archiveWorktree, commitOf, topOf } from "./worktree.ts";

/** The options of `job run` that say what the job is. */
export const JOB = {
  name: { short: "n", value: "NAME", about: "name of the job" },
  script: { short: "c", value: "TEXT", about: "the bash script to run" },
  "script-file": { short: "C", value: "FILE", about: "run the script in this file" },
  file: { short: "f", value: "JOBFILE", about: "run this job file of a repository, with the working tree that it is in" },
  source: { value: "DIR", about: "with --file: the working tree to send" },
  repository: { value: "NAME", about: "with --file: unpack it in /work/NAME (default: its name on GitHub, or the folder's)" },
  target: { short: "t", value: "NAME", about: "the kind of machine (default: default)" },
  env: { short: "e", value: "KEY=VALUE", many: true, about: "set this in the environment" },
  "empty-env": { short: "E", about: "start from an empty environment" },
  "output-rule": { short: "O", value: "RULE", many: true, about: "keep the files that match: an absolute path with wildcards" },
  input: { short: "i", value: "[NAME=]FILE", many: true, about: "give the job this file as /input/NAME" },
  "depend-on": { short: "d", value: "NAME=JOB", many: true, about: "run after this job; its outputs are in /input/NAME" },
  tag: { short: "T", value: "KEY=VALUE", many: true, about: "mark the job" },
  timeout: { value: "TIME", about: "end the job when it runs for longer: seconds, or such as 10m, 2h" },
  silence: { value: "TIME", about: "end a task that prints nothing for so long, and say what its processes were at" },
  retries: { value: "N", about: "how often it is tried again when its machine is lost (default: 1)" },
} as const satisfies Options;

type JobOptions = Given<typeof JOB>;

export interface Submission extends AsyncDisposable {
  body: JobSubmit;
  inputs: Input[];
  notes: string[];
}

/** What the options of `job run` mean. Dispose of it once its inputs are sent. @throws UsageError */
export async function buildSubmission(options: JobOptions): Promise<Submission> {
  const temporary: string[] = [];
  const dispose = async () => {
    for (const dir of temporary) await rm(dir, { recursive: true, force: true });
  };
  try {
    const inputs = await Promise.all(options.input.map(parseInput));
    const rest = { tags: pairs(options.tag, "--tag"), depends: depends(options), ...limits(options) };
    const { body: part, notes } =
      options.file === undefined ? await ofScript(options) : await ofJobFile(options.file, options, inputs, temporary);
    const body = { retries_on_lost_worker: RETRIES, ...part, ...rest, inputs: inputs.map(({ name }) => name) };
    body.output_rules = [...body.output_rules, ...options["output-rule"]];
    return { body, inputs, notes, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

type Part = { body: Pick<JobSubmit, "name" | "target" | "tasks" | "output_rules">; notes: string[] };

async function ofScript(options: JobOptions): Promise<Part> {
  const { name, script, target = "default" } = options;
  for (const name of ["source", "repository"] as const)
    if (options[name] !== undefined) throw new UsageError(`--${name} goes with --file`);
  if (name === undefined) throw new UsageError("-n (--name) is required");
  const file = options["script-file"];
  if ((script === undefined) === (file === undefined))
    throw new UsageError("give one of -c (--script), -C (--script-file) and -f (--file)");
  const task: TaskSubmit = {
    name: "default",
    script: script ?? (await read(file ?? "")),
    env_clear: options["empty-env"],
    env: pairs(options.env, "--env"),
    uid: null,
    gid: null,
    workdir: null,
  };
  return { body: { name, target, tasks: [task], output_rules: [] }, notes: [] };
}

/** Adds the archive of the working tree to `inputs`, and the folder that it is in to `temporary`. */
async function ofJobFile(path: string, options: JobOptions, inputs: Input[], temporary: string[]): Promise<Part> {
  refuseBeside(options);
  const file = parsed(await read(path), path);
  if (!file.enable) throw new UsageError(`${path} says enable = false: it is switched off`);
  const given = pairs(options["depend-on"], "--depend-on");
  for (const [name, job] of Object.entries(file.dependencies))
    if (!Object.hasOwn(given, name))
      throw new UsageError(`${path} depends on the job "${job}": run that first, and name it with --depend-on ${name}=JOB`);
  const root = topOf(resolve(options.source ?? dirname(path)));
  const commit = {
    ...commitOf(root),
    ...(options.repository === undefined ? {} : { repository: repositoryName(options.repository) }),
  };
  let source: Source = { from: "none", ...commit };
  if (!file.skipClone) {
    const dir = await mkdtemp(join(tmpdir(), "buildomat-"));
    temporary.push(dir);
    const archive = { name: "source.tar.gz", file: join(dir, "source.tar.gz") };
    await archiveWorktree(root, archive.file);
    inputs.unshift(archive);
    source = { from: "archive", input: archive.name, directory: commit.repository ?? basename(root), ...commit };
  }
  const job = basicJob(file, source, await toolchain(file, root));
  return { body: { ...job, name: options.name ?? file.name, target: options.target ?? job.target }, notes: differences(file) };
}

/** What CI does, and a run from the desk does not. */
function differences({ publish, accessRepos, secrets }: JobFile): string[] {
  const notes: string[] = [];
  if (publish.length > 0) notes.push("note: nothing is published from here; CI does that");
  if (accessRepos.length > 0) notes.push(`note: the job has no token from here, so it cannot read ${accessRepos.join(", ")}`);
  if (secrets.length > 0)
    notes.push(`note: give the job its secrets with \`buildomat job store put -s JOB NAME\`: ${secrets.join(", ")}`);
  return notes;
}

/** It becomes a path in the job. @throws UsageError */
function repositoryName(name: string): string {
  if (/^[\w.-]+(\/[\w.-]+)?$/.test(name) && !/(^|\/)\.\.?(\/|$)/.test(name)) return name;
  throw new UsageError(`--repository ${name}: expected OWNER/NAME or NAME`);
}

function refuseBeside(options: JobOptions): void {
  for (const other of ["script", "script-file", "env", "empty-env"] as const) {
    const value = options[other];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    throw new UsageError(`--${other} does not go with --file: the job file says what runs`);
  }
}

function parsed(text: string, path: string): JobFile {
  try {
    return parseJobFile(text, path);
  } catch (error) {
    throw error instanceof BadJobFile
      ? new UsageError(`this job file cannot be used:\n${error.message}`, { cause: error })
      : error;
  }
}

async function toolchain({ rustToolchain }: JobFile, root: string) {
  const text = await readFile(join(root, "rust-toolchain.toml"), "utf8").catch(() => undefined);
  try {
    return toolchainOf(rustToolchain, () => text);
  } catch (error) {
    throw error instanceof BadToolchain ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** Most jobs can be run twice; one that must not says so. */
const RETRIES = 1;

function limits({ timeout, silence, retries }: JobOptions): Partial<JobSubmit> {
  const timeout_seconds = parseSeconds(timeout, "--timeout");
  const silence_seconds = parseSeconds(silence, "--silence");
  return {
    ...(timeout_seconds === undefined ? {} : { timeout_seconds }),
    ...(silence_seconds === undefined ? {} : { silence_seconds }),
    ...(retries === undefined ? {} : { retries_on_lost_worker: parseRetries(retries, "--retries") }),
  };
}

function depends(options: JobOptions): NonNullable<JobSubmit["depends"]> {
  const named = Object.entries(pairs(options["depend-on"], "--depend-on"));
  return Object.fromEntries(
    named.map(([name, job]) => [
      name,
      { prior_job: checkId(job, "job"), copy_outputs: true, on_completed: true, on_failed: false },
    ]),
  );
}

/** `KEY=VALUE`, parted at the first `=`; of the same key the last one counts. */
function pairs(texts: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals <= 0) throw new UsageError(`${option} ${text}: expected KEY=VALUE`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

const read = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((cause: unknown) => {
    throw new UsageError(codeOf(cause) === "ENOENT" ? `there is no file ${path}` : `cannot read ${path}: ${reasonOf(cause)}`, {
      cause,
    });
  });
