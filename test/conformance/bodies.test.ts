import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type TestServer, testServer } from "../../core/fixture.ts";
import { Wire } from "./call.ts";
import { ours } from "./document.ts";
import { components, operations, type Schema } from "./schema.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const ID = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
const path = { factory: ID, job: ID, target: ID, worker: ID, name: "key", output: ID, task: 0 };

type Form = "smallest" | "fullest" | "with nulls";

/** A value of one of the original's schemas, within our bounds where ours has any. */
function aValue(schema: Schema, form: Form, mine: Schema = {}): unknown {
  const of = plain(schema, components);
  const bounds = plain(mine, ours.components.schemas);
  if (of.nullable && form === "with nulls") return null;
  if (of.enum) return of.enum[0];
  if (of.items) return form === "smallest" ? [] : [aValue(of.items, form, bounds.items)];
  if (of.additionalProperties)
    return form === "smallest" ? {} : { key: aValue(of.additionalProperties, form, bounds.additionalProperties) };
  if (of.properties) {
    const wanted = Object.entries(of.properties).filter(([name]) => form !== "smallest" || of.required?.includes(name));
    return Object.fromEntries(wanted.map(([name, field]) => [name, aValue(field, form, bounds.properties?.[name])]));
  }
  if (of.type === "boolean") return false;
  if (of.type === "integer")
    return form === "smallest" ? (bounds.minimum ?? 0) : Math.min(bounds.maximum ?? 2 ** 32 - 1, 2 ** 32 - 1);
  if (of.format === "date-time") return "2026-11-22T18:56:50.883338960+01:00";
  const texts = [ID, "x", "some text of sixteen characters or more", "x".repeat(64)];
  return texts.find((text) => fits(text, bounds)) ?? "";
}

const fits = (text: string, { pattern = "", minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema) =>
  new RegExp(pattern).test(text) && text.length >= minLength && text.length <= maxLength;

function plain(schema: Schema, all: Record<string, Schema>): Schema {
  const [only] = schema.allOf ?? schema.oneOf ?? schema.anyOf ?? [];
  if (only) return { ...plain(only, all), ...(schema.nullable ? { nullable: true } : {}) };
  return schema.$ref ? plain(all[schema.$ref.split("/").at(-1) ?? ""] ?? {}, all) : schema;
}

const withBody = Object.entries(operations).filter(([, { body }]) => body && body.format !== "binary");

describe.each<Form>(["smallest", "fullest", "with nulls"])("a body that is %s is read", (form) => {
  test.each(withBody)("%s", async (name, operation) => {
    if (!operation.body) return;
    const here = ours.paths[operation.path]?.[operation.method.toLowerCase()]?.requestBody?.content["application/json"];
    const body = aValue(operation.body, form, here?.schema) as object;
    // What can be read is refused for what is missing: the token, or the key of a machine.
    const { status, json } = await new Wire(server.url).ask(name, { path, body });
    expect({ body, status, json }).toEqual({ body, status: 401, json: expect.anything() });
  });
});
