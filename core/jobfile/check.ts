import type { TObject } from "@sinclair/typebox";
import { Value, ValueErrorType } from "@sinclair/typebox/value";
import { reasonOf } from "../common/errors.ts";
import { patternRegex } from "../common/pattern.ts";
import { type FrontMatter, lineOf } from "./front-matter.ts";
import { MOST_PROBLEMS, type Problem } from "./problem.ts";
import { OutputRules, Publications, Reports } from "./schema.ts";

export type Found = Omit<Problem, "file">;

/** People write these for `enable`; a job that runs although its author switched it off is worse than a refusal. */
const MISSPELT = ["enabled", "disable", "disabled"];

export const misspelt = (matter: FrontMatter, raw: Record<string, unknown>): Found[] =>
  MISSPELT.filter((key) => key in raw).map((key) => ({
    line: lineOf(matter, [key]),
    message: `${key} is not a key: write enable = true or enable = false`,
  }));

/** Where the values differ from a schema, in the words that it has for it. */
export function wrong(matter: FrontMatter, schema: TObject, raw: Record<string, unknown>): Found[] {
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
    if (found.size > MOST_PROBLEMS) break;
  }
  return [...found.values()];
}

/** What no schema says: the patterns of files mean something. */
export function badPatterns(matter: FrontMatter, raw: Record<string, unknown>): Found[] {
  const { output_rules = [], reports = [] } = raw;
  const rules = Value.Check(OutputRules, output_rules) ? output_rules : [];
  const paths = Value.Check(Reports, reports) ? reports.map(({ path }) => path) : [];
  return [
    ...rules.flatMap((rule, i) =>
      badPattern(rule.replace(/^[!=%]+/, ""), `output_rules[${i}]`, lineOf(matter, ["output_rules", String(i), rule])),
    ),
    ...paths.flatMap((path, i) => badPattern(path, `reports[${i}].path`, lineOf(matter, ["reports", String(i), "path", path]))),
  ];
}

function badPattern(pattern: string, where: string, line: number): Found[] {
  try {
    patternRegex(pattern);
    return [];
  } catch (error) {
    return [{ line, message: `${where}: ${reasonOf(error)}` }];
  }
}

/** What no schema says: no address is given out twice. */
export function publishedTwice(matter: FrontMatter, raw: Record<string, unknown>): Found[] {
  const { publish = [] } = raw;
  if (!Value.Check(Publications, publish)) return [];
  const published = publish.map(({ series, name }) => `${series}/${name}`);
  return published.flatMap((address, i) => {
    if (published.indexOf(address) === i) return [];
    const line = lineOf(matter, ["publish", String(i)]);
    return [{ line, message: `publish[${i}]: ${address} is published twice: expected another series or name` }];
  });
}

/** `publish[0].series`. */
const shown = (path: string[]) =>
  path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : i === 0 ? word(part) : `.${word(part)}`)).join("");

const LONGEST_WORD = 60;

/** A key as TOML has it, in quotes where it is not plain. */
function word(key: string): string {
  const short = key.length > LONGEST_WORD ? `${key.slice(0, LONGEST_WORD)}...` : key;
  return /^[\w.-]*$/.test(short) ? short : JSON.stringify(short);
}

const unescapePointer = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");
