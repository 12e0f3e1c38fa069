import type { TObject } from "@sinclair/typebox";
import { Value, ValueErrorType } from "@sinclair/typebox/value";
import { parse, TomlError } from "smol-toml";
import { type FrontMatter, frontMatter, lineOf } from "./front-matter.ts";
import { BasicKeys, GlobalKeys } from "./schema.ts";

export interface JobFile {
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
  publish: { fromOutput: string; series: string; name: string }[];
  skipClone: boolean;
  /** The whole file; bash runs it. */
  script: string;
}

export interface Problem {
  file: string;
  line: number;
  message: string;
}

/** A job file that cannot be used, with everything that is wrong with it. */
export class BadJobFile extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ file, line, message }) => `${file}:${line}: ${message}`).join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads a job file: bash, with TOML in the comments at its top that begin with `#:`.
 *
 * @param file what to call it in messages
 * @throws BadJobFile
 */
export function parseJobFile(text: string, file: string): JobFile {
  const matter = frontMatter(text);
  if (!matter.interpreter) throw new BadJobFile([{ file, line: 1, message: "expected an interpreter line: #!/bin/bash" }]);
  const raw = parseToml(matter, file);
  const off = raw["enable"] === false;
  const problems = off ? wrong(matter, GlobalKeys, raw) : [...misspelt(matter, raw), ...wrong(matter, BasicKeys, raw)];
  if (problems.length > 0)
    throw new BadJobFile(problems.map((problem) => ({ file, ...problem })).sort((a, b) => a.line - b.line));
  return jobFile((off ? { name: raw["name"], variety: "basic" } : raw) as BasicKeys, !off, text);
}

function jobFile(keys: BasicKeys, enable: boolean, script: string): JobFile {
  const dependencies = Object.entries(keys.dependencies ?? {}).map(([name, { job }]) => [name, job] as const);
  return {
    name: keys.name,
    enable,
    dependencies: Object.fromEntries(dependencies),
    target: keys.target ?? "default",
    outputRules: keys.output_rules ?? [],
    rustToolchain: keys.rust_toolchain ?? false,
    accessRepos: keys.access_repos ?? [],
    publish: (keys.publish ?? []).map(({ from_output, series, name }) => ({ fromOutput: from_output, series, name })),
    skipClone: keys.skip_clone ?? false,
    script,
  };
}

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

type Found = Omit<Problem, "file">;

/** People write these for `enable`; a job that runs although its author switched it off is worse than a refusal. */
const MISSPELT = ["enabled", "disable", "disabled"];

const misspelt = (matter: FrontMatter, raw: Record<string, unknown>): Found[] =>
  MISSPELT.filter((key) => key in raw).map((key) => ({
    line: lineOf(matter, [key]),
    message: `${key} is not a key: write enable = true or enable = false`,
  }));

function wrong(matter: FrontMatter, schema: TObject, raw: Record<string, unknown>): Found[] {
  const found = new Map<string, Found>();
  for (const error of Value.Errors(schema, raw)) {
    const path = error.path.split("/").slice(1).map(unescapePointer);
    const unknown = error.type === ValueErrorType.ObjectAdditionalProperties;
    if (found.has(error.path) || (unknown && MISSPELT.includes(path.join()))) continue;
    const missing = error.type === ValueErrorType.ObjectRequiredProperty;
    const what = `${shown(path)}${missing ? " is missing" : unknown ? " is not a key" : ""}`;
    const line = missing
      ? lineOf(matter, path.slice(0, -1))
      : lineOf(matter, typeof error.value === "string" ? [...path, error.value] : path);
    found.set(error.path, { line, message: `${what}: expected ${error.schema["expected"] ?? "another value"}` });
  }
  return [...found.values()];
}

/** `publish[0].series`. */
const shown = (path: string[]) =>
  path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");

const unescapePointer = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");
