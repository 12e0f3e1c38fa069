import { describe, expect, test } from "bun:test";
import { misfits } from "./compare.ts";
import { bodyOf, inShorthand, operationsOf, ours, parametersOf, successesOf, theirs } from "./document.ts";
import { components, publishedOperations } from "./schema.ts";
import { published, types } from "./wire.ts";

test("the table of wire facts is the original's document, and the whole of it", () => {
  const document = inShorthand(theirs);
  expect(document.operations).toEqual(published);
  expect(document.types).toEqual(types);
});

const here = new Map(operationsOf(ours).map((entry) => [`${entry.method} ${entry.path}`, entry.operation]));

describe("the published document has", () => {
  test.each(Object.entries(publishedOperations))("%s", (name, { method, path, query, body, status, answer }) => {
    const operation = here.get(`${method} ${path}`);
    if (!operation) throw new Error(`there is no ${method} ${path}`);
    expect(operation.operationId).toBe(name);
    const theirs = { components };
    const mine = { components: ours.components.schemas };
    const given = bodyOf(operation);
    expect(Boolean(given)).toBe(Boolean(body));
    if (body && given) expect(misfits({ ...theirs, schema: body }, { ...mine, schema: given }, "given")).toEqual([]);
    const asked = parametersOf(operation, "query");
    for (const [key, schema] of Object.entries(query))
      expect(
        misfits({ ...theirs, schema: { ...schema, nullable: false } }, { ...mine, schema: asked[key] ?? {} }, "given"),
      ).toEqual([]);
    const successes = successesOf(operation);
    const success = status === undefined ? "default" : String(status);
    expect([...successes.keys()]).toContain(success);
    if (answer)
      expect(misfits({ ...mine, schema: successes.get(success) ?? {} }, { ...theirs, schema: answer }, "wanted")).toEqual([]);
  });
});

describe("the comparison finds", () => {
  const compare = (a: object, b: object, original: "given" | "wanted") =>
    misfits({ schema: a, components: {} }, { schema: b, components: {} }, original);
  const object = (properties: Record<string, object>, required: string[] = []) => ({ type: "object", properties, required });
  const text = { type: "string" };

  test.each<[string, object, object, "given" | "wanted", string]>([
    ["another type", text, { type: "integer" }, "given", ": string for integer"],
    ["a null too much", { ...text, nullable: true }, text, "wanted", ": may be null"],
    ["a word too much", { ...text, enum: ["a", "b"] }, { ...text, enum: ["a"] }, "wanted", ": other words than a"],
    ["a field that need not be there", object({ a: text }), object({ a: text }, ["a"]), "wanted", ".a: missing"],
    ["a field that is unknown", object({ a: text }), object({}), "given", ".a: missing"],
    ["a field that is gone", object({}), object({ a: text }), "wanted", ".a: missing"],
    ["what is in a list", { type: "array", items: text }, { type: "array", items: object({}) }, "given", "[]: string for object"],
  ])("%s", (_name, given, wanted, original, problem) => {
    expect(compare(given, wanted, original)).toEqual([problem]);
  });
});
