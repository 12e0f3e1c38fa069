/** Writes the typed table of operations (core/client/operations.ts) from an OpenAPI 3.0 document. */

export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  description?: string;
  format?: string;
}

interface Media {
  schema?: Schema;
}

interface Operation {
  operationId: string;
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const HEADER = "// Made by scripts/generate from openapi.json. Do not edit.\n\n";

export function clientSource(document: Document): string {
  const types = Object.entries(document.components.schemas)
    .map(([name, schema]) => `${comment(schema.description)}export type ${name} = ${typeOf(schema)};\n`)
    .join("\n");
  const operations = Object.entries(document.paths)
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    )
    .sort((a, b) => (a.operation.operationId < b.operation.operationId ? -1 : 1));
  const contracts = operations.map(({ operation }) => contractOf(operation)).join("");
  const table = operations
    .map(({ path, method, operation }) => {
      const entry = { method, path, body: bodyKind(operation), answer: answerKind(operation) };
      return `  ${operation.operationId}: ${JSON.stringify(entry)},\n`;
    })
    .join("");
  return `${HEADER}${types}
/** What each operation takes and answers. */
export interface Operations {
${contracts}}

export type OperationName = keyof Operations;

export interface OperationShape {
  method: string;
  path: string;
  body: "json" | "bytes" | "none";
  answer: "json" | "none" | "stream";
}

export const operations: Record<OperationName, OperationShape> = {
${table}};
`;
}

function contractOf(operation: Operation): string {
  const fields = [
    `path: ${parametersOf(operation, "path")}`,
    `query: ${parametersOf(operation, "query")}`,
    `body: ${bodyType(operation)}`,
    `answer: ${answerType(operation)}`,
  ];
  return `${comment(operation.summary, "  ")}  ${operation.operationId}: { ${fields.join("; ")} };\n`;
}

function parametersOf(operation: Operation, where: string): string {
  const own = (operation.parameters ?? []).filter((parameter) => parameter.in === where);
  if (own.length === 0) return "undefined";
  return `{ ${own.map((p) => `${key(p.name)}${p.required ? "" : "?"}: ${typeOf(p.schema)}`).join("; ")} }`;
}

const bodyKind = ({ requestBody }: Operation) => {
  if (!requestBody) return "none";
  return requestBody.content["application/json"] ? "json" : "bytes";
};

function bodyType(operation: Operation): string {
  const kind = bodyKind(operation);
  if (kind === "none") return "undefined";
  return kind === "bytes"
    ? "Blob | Uint8Array<ArrayBuffer>"
    : typeOf(operation.requestBody?.content["application/json"]?.schema ?? {});
}

const answersOf = (operation: Operation) =>
  Object.entries(operation.responses)
    .filter(([status]) => status.startsWith("2"))
    .map(([, response]) => response.content);

function answerKind(operation: Operation): "json" | "none" | "stream" {
  const answers = answersOf(operation);
  if (answers.some((content) => content?.["application/json"])) return "json";
  return answers.length === 0 || answers.some((content) => content) ? "stream" : "none";
}

function answerType(operation: Operation): string {
  const kind = answerKind(operation);
  if (kind === "none") return "undefined";
  if (kind === "stream") return "Response";
  const types = answersOf(operation).map((content) => {
    const schema = content?.["application/json"]?.schema;
    return schema ? typeOf(schema) : "undefined";
  });
  return [...new Set(types)].join(" | ");
}

function typeOf(schema: Schema): string {
  const type = bareTypeOf(schema);
  return schema.nullable ? `${type} | null` : type;
}

function bareTypeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.slice("#/components/schemas/".length);
  if (schema.allOf) return schema.allOf.map(typeOf).join(" & ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `(${typeOf(schema.items ?? {})})[]`;
  if (schema.type === "object") return objectType(schema);
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "string" || schema.type === "boolean") return schema.type;
  return "unknown";
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  if (typeof additionalProperties === "object") return `Record<string, ${typeOf(additionalProperties)}>`;
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema.description, "  ")}  ${key(name)}${required.includes(name) ? "" : "?"}: ${typeOf(schema)};\n`,
  );
  return fields.length === 0 ? "Record<string, never>" : `{\n${fields.join("")}}`;
}

const key = (name: string) => (/^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name));

const comment = (text: string | undefined, indent = "") =>
  text ? `${indent}/** ${text.replaceAll("*/", "* /").replaceAll("\n", " ")} */\n` : "";
