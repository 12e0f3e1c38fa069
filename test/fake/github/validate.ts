import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import description from "../../fixture/github/api.json" with { type: "json" };

type Json = Record<string, unknown>;

interface Operation {
  parameters?: Json[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
}

interface Contract {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, Json>>;
}

const REF = "#/components/";

const { paths, components } = mended();

/** GitHub's own description, but for two places where GitHub does not keep to it. */
function mended() {
  const mine = structuredClone(description) as unknown as Contract;
  // There the account is to be a user, an enterprise and null at once.
  const list = mine.paths["/app/installations"]?.["get"]?.responses["200"]?.["content"] as Record<string, { schema: Json }>;
  list["application/json"] = { schema: { type: "array", items: { $ref: `${REF}schemas/installation` } } };
  // The repository of a head is null when the fork was deleted.
  const pull = mine.components["schemas"]?.["pull-request"]?.["properties"] as Record<string, { properties: Json }>;
  Object.assign(pull["head"]?.properties ?? {}, { repo: { nullable: true, allOf: [{ $ref: `${REF}schemas/repository` }] } });
  return mine;
}

/** An OpenAPI 3.0 schema as JSON schema: there null is a type of its own, and references are by a name of ours. */
function jsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonSchema);
  if (typeof value !== "object" || value === null) return value;
  const { nullable, ...rest } = value as Json;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, entry]) => [key, jsonSchema(entry)]));
  if (typeof schema["$ref"] === "string") schema["$ref"] = schema["$ref"].replace(REF, `github${REF}`);
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

const FORMATS: Record<string, RegExp> = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uri: /^[a-z][a-z0-9+.-]*:[^\s{}]+$/,
  "uri-template": /^[a-z][a-z0-9+.-]*:\S+$/,
  email: /^\S+@\S+$/,
};

/** Strict in what it is told to look at, tolerant of keywords of OpenAPI that are not of JSON schema. */
export function newAjv(coerceTypes = false): Ajv {
  return new Ajv({ strict: false, allErrors: true, coerceTypes, formats: { ...FORMATS, int64: true } });
}

/** These GitHub may answer to anything, whether or not the description of a call says so. */
const ALWAYS = new Set([401, 403, 404, 422, 429]);

/** Served, but outside the part of the description that is kept. */
const UNDESCRIBED = new Set(["/orgs/{org}/public_members/{username}"]);

/** GitHub's own description of its REST API, as a judge of requests and answers. */
export class Description {
  readonly #ajv = newAjv();
  readonly #lenient = newAjv(true);
  readonly #known = new Map<string, ValidateFunction>();

  constructor() {
    const schema = { $id: "github", components: jsonSchema(components) };
    this.#ajv.addSchema(schema);
    this.#lenient.addSchema(schema);
  }

  /** @param path as in the description. @returns what is wrong with a request, in words */
  request(method: string, path: string, query: URLSearchParams, body: unknown): string[] {
    if (UNDESCRIBED.has(path)) return [];
    const operation = operationOf(method, path);
    if (!operation) return ["is not in GitHub's description"];
    return [...this.#query(operation, `${method} ${path}`, query), ...this.#body(operation, `${method} ${path}`, body)];
  }

  #query(operation: Operation, name: string, query: URLSearchParams): string[] {
    const known = new Map<string, Json>();
    for (const parameter of (operation.parameters ?? []).map(resolve)) {
      if (parameter["in"] === "query") known.set(String(parameter["name"]), parameter["schema"] as Json);
    }
    const wrong: string[] = [];
    for (const [key, value] of query) {
      const schema = known.get(key);
      if (!schema) wrong.push(`query: ${key} is not known`);
      else
        wrong.push(
          ...this.#judge(this.#lenient, `${name} ?${key}`, wrapped(schema), { value }).map((text) => `query: ${key} ${text}`),
        );
    }
    return wrong;
  }

  #body(operation: Operation, name: string, body: unknown): string[] {
    const schema = operation.requestBody?.content["application/json"]?.schema;
    if (!schema) return body === undefined || isEmpty(body) ? [] : ["body: none is expected"];
    if (body === undefined) return operation.requestBody?.required ? ["body: is missing"] : [];
    const known = schema["properties"] as Json | undefined;
    const unknown = Object.keys(body as Json).filter((key) => known && !(key in known));
    const wrong = this.#judge(this.#ajv, `${name} body`, schema, body);
    return [...unknown.map((key) => `body: ${key} is not known`), ...wrong.map((text) => `body: ${text}`)];
  }

  /** @returns what is wrong with an answer, in words */
  answer(method: string, path: string, status: number, body: unknown): string[] {
    if (UNDESCRIBED.has(path)) return [];
    const operation = operationOf(method, path);
    const response = operation?.responses[String(status)];
    if (!response) return ALWAYS.has(status) ? [] : [`${status} is not among the described answers`];
    const content = resolve(response)["content"] as Record<string, { schema: Json }> | undefined;
    const schema = content?.["application/json"]?.schema;
    // What is refused without a described body has one all the same.
    if (!schema) return status >= 400 || body === null || isEmpty(body) ? [] : [`${status}: no body is described`];
    return this.#judge(this.#ajv, `${method} ${path} ${status}`, schema, body).map((text) => `${status}: ${text}`);
  }

  #judge(ajv: Ajv, name: string, schema: Json, value: unknown): string[] {
    let validate = this.#known.get(name);
    if (!validate) {
      validate = ajv.compile(jsonSchema(schema) as Json);
      this.#known.set(name, validate);
    }
    return validate(value) ? [] : inWords(validate.errors ?? []);
  }
}

/** Coercion needs something to put the value back into. */
const wrapped = (schema: Json) => ({ type: "object", properties: { value: schema } });

const isEmpty = (body: unknown) => typeof body === "object" && body !== null && Object.keys(body).length === 0;

function operationOf(method: string, path: string): Operation | undefined {
  return paths[path]?.[method.toLowerCase()];
}

function resolve(value: Json): Json {
  const reference = value["$ref"];
  if (typeof reference !== "string") return value;
  const [kind = "", name = ""] = reference.slice(REF.length).split("/");
  return components[kind]?.[name] ?? {};
}

/** Each once, with its place; at most ten. */
export function inWords(errors: ErrorObject[]): string[] {
  const texts = errors.map(({ instancePath, message, params }) => {
    const which = "additionalProperty" in params ? ` (${params["additionalProperty"]})` : "";
    const allowed = "allowedValues" in params ? ` (${(params["allowedValues"] as unknown[]).join(", ")})` : "";
    return `${instancePath || "/"} ${message ?? "is wrong"}${which}${allowed}`;
  });
  return [...new Set(texts)].slice(0, 10);
}
