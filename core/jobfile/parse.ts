import { parse, TomlError } from "smol-toml";
import { secondsOf } from "../common/duration.ts";
import { badPatterns, misspelt, publishedTwice, wrong } from "./check.ts";
import { type FrontMatter, frontMatter } from "./front-matter.ts";
import { BadJobFile } from "./problem.ts";
import { BasicKeys, GlobalKeys, type ReportKind } from "./schema.ts";

export interface JobFile {
  /** Where it stands; what messages call it. */
  path: string;
  name: string;
  /** False: the file is to be skipped; all but its name is as if not given. */
  enable: boolean;
  /** The name of the job depended on, by the name under which its outputs appear in /input. */
  dependencies: Record<string, string>;
  target: string;
  outputRules: string[];
  /** A toolchain's name; true: as rust-toolchain.toml says; false: none. */
  rustToolchain: string | boolean;
  /** `owner/name` of further private repositories that the job reads. */
  accessRepos: string[];
  publish: Publication[];
  skipClone: boolean;
  /** Limits on the job and on its silence, seconds. */
  timeout: number | undefined;
  silence: number | undefined;
  /** How often the job is tried again when its machine is lost. */
  retries: number;
  /** Of the script alone, not of the tasks that prepare its machine. */
  env: Record<string, string>;
  /** Names of values that an operator has set, which the job finds in its store. */
  secrets: string[];
  /** Globs; undefined: every path, every branch. See `applies.ts`. */
  paths: string[] | undefined;
  pathsIgnore: string[];
  branches: string[] | undefined;
  /** A newer commit of the same branch or pull request ends this one's job. */
  cancelSuperseded: boolean;
  /** Outputs (the path may have wildcards) that tell how tests went. */
  reports: { kind: ReportKind; path: string }[];
  /** The whole file; bash runs it. */
  script: string;
}

/** An output that gets a lasting public address. */
export interface Publication {
  fromOutput: string;
  series: string;
  name: string;
  /** Also when the job has failed. */
  always: boolean;
}

/** Most jobs can be run twice; one that must not says so. */
const RETRIES = 1;

/** GitHub's own limit for a file that it hands out whole is not much larger. */
const MOST_BYTES = 512 * 1024;
const MOST_FRONT_MATTER = 64 * 1024;

/**
 * Reads a job file: bash, with TOML in the comments at its top that begin with `#:`.
 *
 * @param path what to call it in messages
 * @throws BadJobFile
 */
export function parseJobFile(text: string, path: string): JobFile {
  const refuse = (message: string) => new BadJobFile([{ file: path, line: 1, message }]);
  if (Buffer.byteLength(text) > MOST_BYTES) throw refuse(`the file is too large: expected at most ${MOST_BYTES} bytes`);
  const matter = frontMatter(text);
  if (!matter.interpreter) throw refuse("expected an interpreter line: #!/bin/bash");
  if (matter.toml.length > MOST_FRONT_MATTER)
    throw refuse(`the front matter is too large: expected at most ${MOST_FRONT_MATTER} characters`);
  const raw = parseToml(matter, path);
  const off = raw["enable"] === false;
  const problems = off
    ? wrong(matter, GlobalKeys, raw)
    : [...misspelt(matter, raw), ...wrong(matter, BasicKeys, raw), ...publishedTwice(matter, raw), ...badPatterns(matter, raw)];
  if (problems.length > 0) throw new BadJobFile(problems.map((problem) => ({ file: path, ...problem })));
  return jobFile((off ? { name: raw["name"], variety: "basic" } : raw) as BasicKeys, !off, path, text);
}

function jobFile(keys: BasicKeys, enable: boolean, path: string, script: string): JobFile {
  const dependencies = Object.entries(keys.dependencies ?? {}).map(([name, { job }]) => [name, job] as const);
  return {
    path,
    name: keys.name,
    enable,
    dependencies: Object.fromEntries(dependencies),
    target: keys.target ?? "default",
    outputRules: keys.output_rules ?? [],
    rustToolchain: keys.rust_toolchain ?? false,
    accessRepos: keys.access_repos ?? [],
    publish: (keys.publish ?? []).map(({ from_output: fromOutput, always = false, ...rest }) => ({
      fromOutput,
      always,
      ...rest,
    })),
    skipClone: keys.skip_clone ?? false,
    timeout: seconds(keys.timeout),
    silence: seconds(keys.silence),
    retries: keys.retries ?? RETRIES,
    env: { ...keys.env },
    secrets: [...new Set(keys.secrets)],
    paths: keys.paths,
    pathsIgnore: keys.paths_ignore ?? [],
    branches: keys.branches,
    cancelSuperseded: keys.cancel_superseded ?? false,
    reports: keys.reports ?? [],
    script,
  };
}

const seconds = (time: number | string | undefined) => (time === undefined ? undefined : secondsOf(String(time)));

function parseToml(matter: FrontMatter, file: string): Record<string, unknown> {
  try {
    return parse(matter.toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const line = matter.lines[error.line - 1] ?? matter.lines.at(-1) ?? 1;
    const [first = error.message] = error.message.replace("Invalid TOML document: ", "").split("\n");
    throw new BadJobFile([{ file, line, message: `this is not TOML: ${first}` }]);
  }
}
