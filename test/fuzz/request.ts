import fc from "fast-check";
import type { Operation, Schema } from "./operations.ts";
import { anyJson, hostileNumber, hostileText, valueFor } from "./values.ts";

/** What a case is: all of it is printed when it fails. */
export interface FuzzRequest {
  /** Whose token it carries. */
  as: string;
  method: string;
  /** With its query, as it goes over the wire. */
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
}

/** Deeper than a parser that recurses can go. */
const DEPTH = 100_000;

/** Requests to an operation: mostly well formed, by whoever, about whichever ids there are. */
export function requestTo(
  operation: Operation,
  { callers, ids }: { callers: string[]; ids: string[] },
): fc.Arbitrary<FuzzRequest> {
  return fc.record({
    as: fc.oneof(
      { weight: 4, arbitrary: fc.constant(callers.find((caller) => operation.path.includes(`/${caller}/`)) ?? callers[0] ?? "") },
      { weight: 1, arbitrary: fc.constantFrom(...callers) },
    ),
    method: fc.constant(operation.method),
    path: fc.tuple(pathOf(operation, ids), queryOf(operation, ids)).map(([path, query]) => path + query),
    headers: headersOf(operation),
    body: bodyOf(operation, ids),
  });
}

function pathOf({ path, parameters }: Operation, ids: string[]): fc.Arbitrary<string> {
  const values = Object.fromEntries(
    parameters.filter((parameter) => parameter.in === "path").map(({ name, schema }) => [name, asText(schema, ids, name)]),
  );
  return fc.record(values).map((chosen) => path.replace(/\{(\w+)\}/g, (_, name: string) => percent(chosen[name] ?? "")));
}

function queryOf({ parameters }: Operation, ids: string[]): fc.Arbitrary<string> {
  const own = parameters.filter((parameter) => parameter.in === "query");
  const fields = Object.fromEntries(
    own.map(({ name, schema }) => [
      name,
      fc.array(name === "wait" ? noWait : asText(schema, ids, name), { minLength: 1, maxLength: 2, size: "xsmall" }),
    ]),
  );
  return fc
    .record(fields, { requiredKeys: own.filter(({ required }) => required).map(({ name }) => name) })
    .map((chosen) => Object.entries(chosen).flatMap(([name, values = []]) => values.map((value) => `${name}=${percent(value)}`)))
    .map((pairs) => (pairs.length > 0 ? `?${pairs.join("&")}` : ""));
}

/** A long poll would rightly take its time. */
const noWait = fc.constantFrom("0", "-1", "61", "0.5", "1e9", "Infinity", "soon", "");

const asText = (schema: Schema, ids: string[], name: string) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: valueFor(schema, ids, name).map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value))),
    },
    { weight: 1, arbitrary: fc.oneof(hostileText, hostileNumber.map(String)) },
  );

const percent = (text: string) => encodeURIComponent(text.slice(0, 3000).toWellFormed());

function headersOf({ body, bytes }: Operation): fc.Arbitrary<Record<string, string>> {
  const usual = body ? "application/json" : bytes ? "application/octet-stream" : undefined;
  const plain = usual ? { "content-type": usual } : {};
  const odd = fc.record(
    {
      "content-type": fc.constantFrom("application/json; charset=utf-16", "text/plain", "", "application/json"),
      "idempotency-key": fc.constantFrom("k", "k2", "x".repeat(128), "x".repeat(129)),
      "x-buildomat-delegate": fc.constantFrom("victim", "a b", "\u00ff", "x".repeat(3000)),
      range: fc.constantFrom("bytes=0-3", "bytes=-1", "bytes=5-1", `bytes=${"9".repeat(40)}-`, "bytes=0-0,2-2", "lines=1"),
      "if-none-match": fc.constantFrom("*", '"x"', ","),
      "if-range": fc.constantFrom('"x"', "soon"),
      "last-event-id": fc.constantFrom("seq-1", "seq--1", `seq-${"9".repeat(30)}`, "x"),
    },
    { requiredKeys: [] },
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(plain) },
    { weight: 1, arbitrary: odd.map((headers) => ({ ...plain, ...headers })) },
  );
}

function bodyOf({ body, bytes }: Operation, ids: string[]): fc.Arbitrary<string | Uint8Array | undefined> {
  const raw = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(new Uint8Array(0), new Uint8Array([0x22, 0xff, 0x22]), new Uint8Array(100_000)),
  );
  if (bytes) return raw;
  if (!body) return fc.constant(undefined);
  const right = valueFor(body, ids).map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 16, arbitrary: right },
    { weight: 2, arbitrary: fc.tuple(right, anyJson, fc.nat()).map(([text, value, at]) => twice(text, value, at)) },
    { weight: 1, arbitrary: right.map((text) => text.replace(/:\d+/g, ":1e999")) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(deep("[", "]"), deep('{"a":', "}"), `{"name":${deep("[", "]")}}`, "", "{", "[1,]", "nul"),
    },
    { weight: 1, arbitrary: right.map((text) => text.replace(/^\{/, `{"extra":${deep("[", "]")},`)) },
    { weight: 1, arbitrary: right.map((text) => text.replace(/^\{/, '{"__proto__":{"admin":true},"constructor":1,')) },
    { weight: 1, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: raw },
  );
}

const deep = (open: string, close: string) => `${open.repeat(DEPTH)}1${close.repeat(DEPTH)}`;

/** The same object with one of its keys there twice, the other one with another value. */
function twice(text: string, value: unknown, at: number): string {
  const keys = [...text.matchAll(/"(\w+)":/g)].map(([, key = ""]) => key);
  return keys.length === 0 ? text : text.replace(/^\{/, `{"${keys[at % keys.length]}":${JSON.stringify(value)},`);
}
