import { Ajv, type ValidateFunction } from "ajv";
import { theirs } from "./document.ts";
import { type Components, components, operations, type Schema } from "./schema.ts";

/** What came back from a call. */
export interface Answer {
  status: number;
  requestId: string | null;
  /** The JSON of the body; undefined where it is empty or of bytes. */
  json: unknown;
  /** Length of the body. */
  size: number;
}

/** RFC 3339 UTC, as the original's clients read it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** @throws an Error that tells what is wrong with the answer */
export function checkAnswer(name: string, { status, requestId, json, size }: Answer): void {
  const operation = operations[name];
  if (!operation) throw new Error(`there is no operation ${name}`);
  const wrong = (what: string) =>
    new Error(`${operation.method} ${operation.path} answered ${status}: ${what}: ${JSON.stringify(json)}`);
  if (!requestId) throw wrong("no x-request-id");
  if (status >= 400) {
    // An unusable range, and HEAD, have no body.
    if (status === 416 || operation.method === "HEAD") return;
    held({ $ref: "#/components/schemas/Error" }, json, wrong);
    return;
  }
  if (operation.status === undefined) return;
  if (status !== operation.status) throw wrong(`not ${operation.status}`);
  if (!operation.answer) {
    if (size > 0) throw wrong("not empty");
    return;
  }
  held(operation.answer, json, wrong);
}

function held(schema: Schema, value: unknown, wrong: (what: string) => Error): void {
  for (const validate of [table, document]) {
    const problem = validate(schema, value);
    if (problem !== undefined) throw wrong(problem);
  }
}

/** Says what is wrong with a value, if anything. */
type Validate = (schema: Schema, value: unknown) => string | undefined;

function validator(all: Components): Validate {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { "date-time": TIME, uint: true, uint32: true, uint64: true } });
  const definitions = Object.fromEntries(Object.entries(all).map(([name, schema]) => [name, translate(schema)]));
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const key = JSON.stringify(schema);
    const validate = compiled.get(key) ?? ajv.compile({ ...translate(schema), components: { schemas: definitions } });
    compiled.set(key, validate);
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  };
}

/** Plain JSON schema. The original tells every field that it has, null or not, so that nothing may be missing but an error's code. */
function translate(schema: Schema): object {
  const { nullable, allOf, oneOf, items, properties, additionalProperties, $ref, ...rest } = schema;
  const told = Object.keys(properties ?? {}).filter((name) => name !== "error_code");
  const all = allOf ?? oneOf;
  const plain = {
    ...rest,
    ...($ref ? { $ref } : {}),
    ...(all ? { allOf: all.map(translate) } : {}),
    ...(items ? { items: translate(items) } : {}),
    ...(additionalProperties ? { additionalProperties: translate(additionalProperties) } : {}),
    ...(properties
      ? { required: told, properties: Object.fromEntries(Object.entries(properties).map(([name, p]) => [name, translate(p)])) }
      : {}),
  };
  return nullable ? { anyOf: [plain, { type: "null" }] } : plain;
}

const table = validator(components);
const document = validator(theirs.components.schemas);
