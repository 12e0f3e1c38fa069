/** A JSON value of the OpenAPI document. */
type Json = Record<string, unknown>;

/**
 * A value that a schema of the document allows: made of the examples of its fields, and of what a field's type and name
 * tell where it has none.
 *
 * @param components what a `$ref` may name
 */
export function exampleOf(schema: Json, components: Record<string, Json>, name = "text"): unknown {
  const of = (part: Json, called: string) => exampleOf(part, components, called);
  if (schema["example"] !== undefined) return schema["example"];
  if (typeof schema["$ref"] === "string") return of(components[schema["$ref"].split("/").at(-1) ?? ""] ?? {}, name);
  const [first] = (schema["allOf"] ?? schema["anyOf"] ?? []) as Json[];
  if (first) return of(first, name);
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  switch (schema["type"]) {
    case "array":
      return [of(schema["items"] as Json, name)];
    case "object":
      return exampleObject(schema, of);
    case "boolean":
      return false;
    case "integer":
    case "number":
      return schema["minimum"] ?? 0;
    default:
      return schema["format"] === "date-time" ? "2026-01-02T03:04:05.678Z" : name;
  }
}

function exampleObject(schema: Json, of: (part: Json, name: string) => unknown): Json {
  const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Json>);
  const rest = schema["additionalProperties"];
  if (typeof rest === "object" && rest !== null) properties.push(["name", rest as Json]);
  return Object.fromEntries(properties.map(([name, property]) => [name, of(property, name)]));
}
