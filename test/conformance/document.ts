import { resolve } from "node:path";
import type { Components, Schema } from "./schema.ts";

interface Described {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** An OpenAPI document, as far as it matters here. */
export interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Components };
}

const ORIGINAL = resolve(import.meta.dir, "../fixture/original");

/** The original's published document. */
export const theirs = (await Bun.file(`${ORIGINAL}/openapi.json`).json()) as Document;

export const ours = (await Bun.file(resolve(import.meta.dir, "../../core/client/openapi.json")).json()) as Document;

/** Lines of a recording of the original. */
export async function recording(name: string): Promise<unknown[]> {
  const text = await Bun.file(`${ORIGINAL}/${name}.jsonl`).text();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

/** Each operation of a document with its method and path. */
export function operationsOf({ paths }: Document): { method: string; path: string; operation: Described }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

export const parametersOf = (operation: Described, where: "path" | "query"): Record<string, Schema> =>
  Object.fromEntries((operation.parameters ?? []).filter((p) => p.in === where).map(({ name, schema }) => [name, schema]));

export const bodyOf = (operation: Described): Schema | undefined =>
  Object.values(operation.requestBody?.content ?? {})[0]?.schema;

/** Statuses of success, and what is answered then. */
export const successesOf = ({ responses }: Described): Map<string, Schema | undefined> =>
  new Map(
    Object.entries(responses)
      .filter(([status]) => /^(2\d\d|default)$/.test(status))
      .map(([status, { content }]) => [status, Object.values(content ?? {})[0]?.schema]),
  );

/** A document in the shorthand of wire.ts. */
export function inShorthand(document: Document): { types: Record<string, string>; operations: Record<string, string> } {
  const operations = operationsOf(document).map(({ method, path, operation }) => [
    operation.operationId,
    describeOperation(method, path, operation),
  ]);
  const types = Object.entries(document.components.schemas).map(([name, schema]) => [name, describeFields(schema)]);
  return { types: Object.fromEntries(types), operations: Object.fromEntries(operations) };
}

function describeOperation(method: string, path: string, operation: Described): string {
  const query = Object.entries(parametersOf(operation, "query")).map(([name, schema]) => `${name}: ${describeType(schema)}`);
  const body = bodyOf(operation);
  const [[status, schema] = ["none", undefined]] = successesOf(operation);
  const asked = [method, path, ...(query.length > 0 ? [`?${query.join(", ")}`] : []), ...(body ? [describeType(body)] : [])];
  return [...asked, "->", status, ...(schema ? [describeType(schema)] : [])].join(" ");
}

function describeFields(schema: Schema): string {
  const { properties = {}, required = [] } = schema.oneOf?.[0] ?? schema;
  const fields = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, type]) => `${name}${required.includes(name) ? "" : "?"}: ${describeType(type)}`).join(", ");
}

const WORDS: Record<string, string> = {
  boolean: "bool",
  string: "text",
  "string date-time": "time",
  "string binary": "bytes",
  "integer uint32": "u32",
  "integer uint64": "u64",
  "integer uint": "uint",
};

function describeType(schema: Schema): string {
  if (schema.nullable) return `${describeType({ ...schema, nullable: false })}|null`;
  if (schema.$ref) return schema.$ref.split("/").at(-1) ?? "";
  if (schema.allOf) return schema.allOf.map(describeType).join("&");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join("|");
  if (schema.items) return `${describeType(schema.items)}[]`;
  if (schema.additionalProperties) return `{${describeType(schema.additionalProperties)}}`;
  const word = [schema.type, schema.format].filter((part) => part !== undefined).join(" ");
  return word === "" ? "any" : (WORDS[word] ?? word);
}
