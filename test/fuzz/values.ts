import fc from "fast-check";
import { resolve, type Schema } from "./operations.ts";

const PATTERN = /^\^\[0-7\]/;

/** Text that has broken programs: ends of strings, ways out of folders, halves of characters, names that objects have. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\0",
    "a\0b",
    "../../../etc/passwd",
    "..",
    "/",
    "..\\..\\x",
    "%2e%2e%2f",
    "__proto__",
    "constructor",
    "' OR 1=1 --",
    "\r\nset-cookie: a=b",
    "\u202Eevil",
    "\uFEFF",
    "\uD800",
    "𝒳".repeat(300),
    "é".normalize("NFD"),
    "-1",
    "NaN",
    "null",
    "9".repeat(400),
    "a".repeat(20_000),
    "[object Object]",
    "1970-01-01T00:00:00Z",
    "+275760-09-13T00:00:00.000Z",
    "9999-12-31T23:59:60Z",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);

export const hostileNumber = fc.oneof(
  fc.constantFrom(-1, -0, 0, 1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64, 1e308, 5e-324),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any JSON value at all. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom([], {}, [[]], [null], { __proto__: null, toString: 1 }, null, true),
);

/** What may be meant where a field or parameter of that name takes an id. */
const KINDS: Record<string, string[]> = {
  job: ["job", "waiting"],
  prior_job: ["job", "waiting"],
  worker: ["worker", "idle"],
  chunks: ["inputChunk", "outputChunk"],
  commit_id: ["inputCommit", "outputCommit"],
  supported_targets: ["target"],
};

/** One that fits the name, nearly always; not always one's own. */
function idFor(name: string, ids: readonly string[]): fc.Arbitrary<string> {
  const kinds = KINDS[name] ?? [name];
  const fitting = ids.filter((id) => kinds.some((kind) => id.endsWith(`-${kind}`)));
  const any = fc.constantFrom(...ids);
  return fitting.length === 0
    ? any
    : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: any });
}

/**
 * A value that the schema allows, or nearly: anything may be hostile now and then.
 *
 * @param name of the field or parameter, which tells what an id is of
 */
export function valueFor(schema: Schema, ids: readonly string[], name = ""): fc.Arbitrary<unknown> {
  const right = rightValue(schema, ids, name);
  return fc.oneof(
    { weight: 30, arbitrary: right },
    { weight: 1, arbitrary: anyJson },
    ...(schema.nullable ? [{ weight: 2, arbitrary: fc.constant(null) }] : []),
  );
}

function rightValue(schema: Schema, ids: readonly string[], name: string): fc.Arbitrary<unknown> {
  if (schema.$ref) return rightValue(resolve(schema), ids, name);
  const members = schema.anyOf ?? schema.allOf;
  if (members) return fc.oneof(...members.map((member) => rightValue(member, ids, name)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return numberOf(schema);
    case "array":
      return fc.array(valueFor(schema.items ?? {}, ids, name), { maxLength: 4 });
    case "object":
      return objectOf(schema, ids);
    default:
      return textOf(schema, ids, name);
  }
}

function numberOf({ minimum = 0, maximum = 2 ** 31 }: Schema): fc.Arbitrary<number> {
  const some = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 20) });
  return fc.oneof({ weight: 5, arbitrary: some }, { weight: 1, arbitrary: fc.constantFrom(minimum, maximum, maximum + 1) });
}

function textOf({ pattern, format, maxLength = 40 }: Schema, ids: readonly string[], name: string): fc.Arbitrary<string> {
  if (pattern && PATTERN.test(pattern)) return idFor(name, ids);
  if (format === "date-time")
    return fc.constantFrom("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05+14:00", "0001-01-01T00:00:00Z");
  if (pattern)
    return fc.oneof(fc.stringMatching(new RegExp(pattern), { size: "xsmall" }), fc.constantFrom("stdout", "a".repeat(64)));
  return fc.oneof(
    fc.constantFrom("default", "hello", "a", "/work/*", "out/a"),
    fc.string({ unit: "grapheme", maxLength: Math.min(maxLength, 40) }),
    hostileText,
  );
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: Schema,
  ids: readonly string[],
): fc.Arbitrary<object> {
  if (additionalProperties)
    return fc.dictionary(fc.oneof(fc.constant("k"), hostileText), valueFor(additionalProperties, ids), { maxKeys: 3 });
  const fields = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, valueFor(property, ids, name)]));
  return fc.record(fields, { requiredKeys: required });
}
