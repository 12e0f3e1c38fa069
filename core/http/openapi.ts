import type { AnyElysia } from "elysia";
import { exampleOf } from "./example.ts";
import { refusals } from "./schema.ts";

/** Of the API: it grows when a client can do more. */
const VERSION = "1.0.0";

/** A JSON value of the document; its shape is checked by an independent validator in the tests. */
type Json = Record<string, unknown>;

interface Hooks {
  params?: Json;
  query?: Json;
  body?: Json;
  response?: Record<string, Json>;
  detail?: {
    operationId?: string;
    summary?: string;
    tags?: string[];
    hide?: boolean;
    requestBody?: Json;
    responses?: Json;
    security?: [];
  };
}

const ERROR: Json = {
  type: "object",
  properties: {
    error_code: { type: "string", example: "Internal" },
    message: { type: "string", description: "for a human", example: "what is wrong, and what to do" },
    request_id: { type: "string", description: "the server's log has it too", example: "c1f2d3e4-5b6a-4798-8a9b-0c1d2e3f4a5b" },
  },
  required: ["message", "request_id"],
};

/**
 * The OpenAPI 3.0 document of an application, read off its routes: schemas with a `title` become components, `null` in a union
 * becomes `nullable`. A route without an operationId is not published.
 */
export function openApiDocument(app: AnyElysia): Json {
  const components: Record<string, Json> = { Error: ERROR };
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of app.routes) {
    const hooks = route.hooks as Hooks;
    if (!hooks.detail?.operationId || hooks.detail.hide) continue;
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(hooks, components);
  }
  for (const item of Object.values(paths)) for (const one of Object.values(item)) addExamples(one, components);
  return {
    openapi: "3.0.3",
    info: { title: "Buildomat", version: VERSION },
    paths: sorted(paths),
    components: {
      schemas: sorted(components),
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      responses: {
        Refused: { description: "refused for any other reason", content: json({ $ref: "#/components/schemas/Error" }) },
        Fault: { description: "the server's own fault: try again later", content: json({ $ref: "#/components/schemas/Error" }) },
      },
    },
    security: [{ token: [] }],
  };
}

function operation({ params, query, body, response, detail }: Hooks, components: Record<string, Json>): Json {
  const parameters = [...parametersOf(params, "path", components), ...parametersOf(query, "query", components)];
  const requestBody = detail?.requestBody ?? (body ? { required: true, content: json(convert(body, components)) } : undefined);
  return {
    operationId: detail?.operationId,
    summary: detail?.summary,
    tags: detail?.tags,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody: bodyOf(requestBody, components) } : {}),
    ...(detail?.security ? { security: detail.security } : {}),
    responses: {
      ...responsesOf(response, components),
      ...refusals({
        ...(parameters.length > 0 || requestBody ? { 400: "a parameter or the body is not as described" } : {}),
        ...(detail?.security ? {} : { 401: "no token, or none that is known" }),
        ...(requestBody ? { 413: "the body is too large" } : {}),
        ...(body ? { 415: "the body is not JSON" } : {}),
      }),
      ...detail?.responses,
      "4XX": { $ref: "#/components/responses/Refused" },
      "5XX": { $ref: "#/components/responses/Fault" },
    },
  };
}

interface Described {
  parameters?: { name: string; required: boolean; schema: Json }[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}
type Content = Record<string, Json & { schema: Json }>;

/** Each JSON body, each JSON answer of a success and each parameter that must be there gets an example. */
function addExamples(described: Json, components: Record<string, Json>): void {
  const { parameters = [], requestBody, responses } = described as unknown as Described;
  for (const parameter of parameters.filter(({ required }) => required))
    Object.assign(parameter, { example: exampleOf(parameter.schema, components, parameter.name) });
  const successes = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  for (const content of [requestBody?.content, ...successes.map(([, answer]) => answer.content)]) {
    const media = content?.["application/json"];
    if (media) media["example"] = exampleOf(media.schema, components);
  }
}

function parametersOf(schema: Json | undefined, where: string, components: Record<string, Json>): Json[] {
  const required = (schema?.["required"] ?? []) as string[];
  return Object.entries((schema?.["properties"] ?? {}) as Record<string, Json>).map(([name, property]) => {
    const { description, ...rest } = convert(property, components);
    return { name, in: where, required: required.includes(name), ...(description ? { description } : {}), schema: rest };
  });
}

/** A body that a route describes by hand may hold schemas of ours. */
function bodyOf(requestBody: Json, components: Record<string, Json>): Json {
  const content = Object.entries(requestBody["content"] as Record<string, { schema: Json }>);
  return {
    ...requestBody,
    content: Object.fromEntries(content.map(([type, { schema }]) => [type, { schema: convert(schema, components) }])),
  };
}

function responsesOf(response: Record<string, Json> = {}, components: Record<string, Json>): Json {
  return Object.fromEntries(
    Object.entries(response).map(([status, schema]) => {
      const empty = schema["type"] === "void";
      return [status, { description: "success", ...(empty ? {} : { content: json(convert(schema, components)) }) }];
    }),
  );
}

const json = (schema: Json): Json => ({ "application/json": { schema } });

/** A TypeBox schema in the words of OpenAPI 3.0. */
function convert(schema: Json, components: Record<string, Json>): Json {
  const { title, ...rest } = schema;
  if (typeof title !== "string") return convertAnonymous(rest, components);
  components[title] ??= convertAnonymous(rest, components);
  return { $ref: `#/components/schemas/${title}` };
}

function convertAnonymous(schema: Json, components: Record<string, Json>): Json {
  if (Array.isArray(schema["anyOf"])) return convertUnion(schema, schema["anyOf"] as Json[], components);
  const out: Json = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") out[key] = mapValues(value as Record<string, Json>, (property) => convert(property, components));
    else if (key === "items") out[key] = convert(value as Json, components);
    else if (key === "patternProperties")
      out["additionalProperties"] = convert(Object.values(value as Record<string, Json>)[0] ?? {}, components);
    else if (key === "type" && schema["multipleOf"] === 1) out["type"] = "integer";
    else if (key === "const") Object.assign(out, { type: typeof value, enum: [value] });
    // Elysia closes objects when it compiles their validators; the document is open, as unknown fields are ignored.
    else if (!["error", "default", "multipleOf"].includes(key) && !(key === "additionalProperties" && value === false))
      out[key] = value;
  }
  return out;
}

/** `T | null`, and unions of words. */
function convertUnion(schema: Json, all: Json[], components: Record<string, Json>): Json {
  const { anyOf: _, ...rest } = schema;
  const nullable = all.some(({ type }) => type === "null");
  const members = all.filter((member) => member["type"] !== "null");
  const common = { ...convertAnonymous(rest, components), ...(nullable ? { nullable } : {}) };
  const [first] = members;
  if (first && members.every((member) => member["const"] !== undefined))
    return { type: typeof first["const"], enum: members.map((member) => member["const"]), ...common };
  if (!first || members.length > 1) return { anyOf: members.map((member) => convert(member, components)), ...common };
  const only = convert(first, components);
  return only["$ref"] ? { allOf: [only], ...common } : { ...only, ...common };
}

const mapValues = <T, U>(record: Record<string, T>, fn: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value)]));

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
