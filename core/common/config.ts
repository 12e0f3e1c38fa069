import { readFileSync } from "node:fs";
import { type Static, type TObject, type TSchema, TypeGuard } from "@sinclair/typebox";
import { Value, type ValueError, ValueErrorType } from "@sinclair/typebox/value";
import { parse } from "smol-toml";
import { reasonOf } from "./errors.ts";

/** A configuration file that cannot be used; the message names file, key and reason. */
export class BadConfig extends Error {}

/** Reads a TOML file against its schema: defaults filled in, unknown keys refused. @throws BadConfig */
export function readConfig<T extends TObject>(schema: T, file: string): Static<T> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new BadConfig(`cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
  return parseConfig(schema, text, file);
}

/** @param name what to call the text in an error message */
export function parseConfig<T extends TObject>(schema: T, text: string, name: string): Static<T> {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    throw new BadConfig(`${name}: ${reasonOf(error)}`, { cause: error });
  }
  const value: unknown = Value.Default(schema, raw);
  const wrong = [...Value.Errors(schema, value)].at(0);
  if (wrong) throw new BadConfig(`${name}: ${wrong.path.slice(1).replaceAll("/", ".") || "file"}: ${faultOf(wrong)}`);
  return Value.Decode(schema, value);
}

/** What is wrong with a key. The value is not repeated: it may be a secret. */
function faultOf({ type, schema, message }: ValueError): string {
  if (type === ValueErrorType.ObjectAdditionalProperties) return "there is no such key";
  if (type === ValueErrorType.ObjectRequiredProperty) return "is missing";
  if (type === ValueErrorType.Union && TypeGuard.IsUnion(schema)) return `expected ${schema.anyOf.map(wordsFor).join(" or ")}`;
  return message.charAt(0).toLowerCase() + message.slice(1);
}

const wordsFor = (schema: TSchema): string => (TypeGuard.IsLiteral(schema) ? JSON.stringify(schema.const) : schema["type"]);
