import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv";
import openapi from "../../core/client/openapi.json";
import { testServer } from "../../core/fixture.ts";

type Json = Record<string, unknown>;

interface Media {
  schema: Json;
  example?: unknown;
}

interface Operation {
  operationId: string;
  summary?: string;
  parameters?: { name: string; in: string; required: boolean; schema: Json; example?: unknown }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description?: string; content?: Record<string, Media> }>;
}

const operations: { id: string; method: string; path: string; operation: Operation }[] = Object.entries(
  openapi.paths as unknown as Record<string, Record<string, Operation>>,
).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    operation,
  })),
);

test("the document is OpenAPI 3.0", async () => {
  expect(await new Validator().validate(openapi)).toMatchObject({ valid: true });
});

/** JSON Schema has no `nullable`; for what ajv knows of it, it wants a type beside it. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== "object" || value === null) return value;
  const { nullable, example: _, ...rest } = value as Json;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, asJsonSchema(part)]));
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
ajv.addSchema(asJsonSchema({ $id: "api", components: openapi.components }) as Json);

function problemsOf(schema: Json, example: unknown): string[] {
  const local = JSON.parse(JSON.stringify(asJsonSchema(schema)).replaceAll('"#/', '"api#/')) as Json;
  const validate = ajv.compile(local);
  return validate(example) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test("an example that is wrong would be noticed", () => {
  expect(problemsOf({ $ref: "#/components/schemas/User" }, { id: "no id" })).not.toEqual([]);
});

describe.each(operations)("$id", ({ operation }) => {
  const { summary, parameters = [], requestBody, responses } = operation;

  test("says what it does, and why it may be refused", () => {
    expect(summary).toMatch(/\w/);
    const errors = Object.keys(responses).filter((status) => /^[45]/.test(status));
    expect(errors).toContain("4XX");
    for (const [status, { description }] of Object.entries(responses))
      if (/^\d+$/.test(status)) expect([status, description]).toEqual([status, expect.stringMatching(/\w/)]);
  });

  test("has examples, each as its schema says", () => {
    for (const { name, required, schema, example } of parameters)
      if (required) expect([name, problemsOf(schema, example)]).toEqual([name, []]);
    const answers = Object.entries(responses).filter(([status]) => status.startsWith("2"));
    for (const content of [requestBody?.content, ...answers.map(([, answer]) => answer.content)]) {
      const media = content?.["application/json"];
      if (!media) continue;
      expect(media.example).toBeDefined();
      expect(problemsOf(media.schema, media.example)).toEqual([]);
    }
  });
});

test("where a privilege is said to be needed, a user without it is refused for the lack of it", async () => {
  await using server = await testServer();
  const { token } = await server.user("nobody");
  const needing = operations.flatMap(({ id, method, path, operation }) => {
    const privilege = /the privilege (admin\.[\w.]+)/.exec(operation.responses["403"]?.description ?? "")?.[1];
    return privilege ? [{ id, method, path, operation, privilege }] : [];
  });
  expect(needing.length).toBeGreaterThan(25);
  for (const { id, method, path, operation, privilege } of needing) {
    const where = path.replace(/\{(\w+)\}/g, (_, name) => String(operation.parameters?.find((p) => p.name === name)?.example));
    const example = operation.requestBody?.content["application/json"]?.example;
    const body = example === undefined ? {} : { body: JSON.stringify(example) };
    const response = await fetch(server.url + where, { method, ...body, headers: { authorization: `Bearer ${token}` } });
    const { message } = (await response.json()) as { message: string };
    expect([id, response.status, message]).toEqual([id, 403, `you lack the privilege "${privilege}"`]);
  }
});
