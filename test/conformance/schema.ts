import { published, types, unpublished, unpublishedTypes } from "./wire.ts";

/** A JSON schema in the words of OpenAPI 3.0, as far as the two documents use them. */
export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  nullable?: boolean;
  type?: string;
  format?: string;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
}

export type Components = Record<string, Schema>;

export interface Operation {
  method: string;
  path: string;
  /** Parameters of the query; absent: there are none. */
  query: Record<string, Schema>;
  /** Absent: there is no body. */
  body?: Schema;
  /** Status of success; undefined: whatever a stream of bytes has. */
  status: number | undefined;
  /** Absent: an empty answer, or bytes. */
  answer?: Schema;
}

const PRIMITIVES: Record<string, Schema> = {
  any: {},
  bool: { type: "boolean" },
  bytes: { type: "string", format: "binary" },
  text: { type: "string" },
  time: { type: "string", format: "date-time" },
  u32: { type: "integer", format: "uint32", minimum: 0 },
  u64: { type: "integer", format: "uint64", minimum: 0 },
  uint: { type: "integer", format: "uint", minimum: 0 },
};

/** The types of the table by name. */
export const components: Components = Object.fromEntries(
  Object.entries({ ...types, ...unpublishedTypes }).map(([name, fields]) => [name, parseFields(fields)]),
);

export const operations: Record<string, Operation> = parseAll({ ...published, ...unpublished });
export const publishedOperations: Record<string, Operation> = parseAll(published);

function parseAll(lines: Record<string, string>): Record<string, Operation> {
  return Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, parseOperation(line)]));
}

/** `a: text, b?: u32|null` as the schema of an object. */
function parseFields(text: string): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const field of text.split(", ")) {
    const [, name = "", optional, type = ""] = /^(\w+)(\?)?: (.+)$/.exec(field) ?? [];
    properties[name] = parseType(type);
    if (!optional) required.push(name);
  }
  return { type: "object", properties, required };
}

function parseType(text: string): Schema {
  if (text.endsWith("|null")) {
    const schema = parseType(text.slice(0, -"|null".length));
    return schema.$ref ? { nullable: true, allOf: [schema] } : { ...schema, nullable: true };
  }
  if (text.endsWith("[]")) return { type: "array", items: parseType(text.slice(0, -2)) };
  if (text.startsWith("{")) return { type: "object", additionalProperties: parseType(text.slice(1, -1)) };
  if (text.startsWith('"')) return { type: "string", enum: [JSON.parse(text)] };
  return PRIMITIVES[text] ?? { $ref: `#/components/schemas/${text}` };
}

function parseOperation(line: string): Operation {
  const [, method = "", path = "", query, body, status = "", answer] =
    /^([A-Z]+) (\S+)(?: \?(\w+: [^\s,]+(?:, \w+: [^\s,]+)*))?(?: (\S+))? -> (\S+)(?: (\S+))?$/.exec(line) ?? [];
  return {
    method,
    path,
    query: query === undefined ? {} : (parseFields(query).properties ?? {}),
    ...(body === undefined ? {} : { body: parseType(body) }),
    status: status === "default" ? undefined : Number(status),
    ...(answer === undefined || answer === "any" ? {} : { answer: parseType(answer) }),
  };
}
