import type { Components, Schema } from "./schema.ts";

interface Side {
  schema: Schema;
  components: Components;
}

/**
 * Where a value of `given` would not do as a value of `wanted`, and where either lacks a field of the original's. Bounds
 * (patterns, lengths, least and greatest numbers) are left aside: they are published, and stricter than the original's.
 *
 * @param original which of the two is the original's: none of its fields may be missing in the other
 */
export function misfits(given: Side, wanted: Side, original: "given" | "wanted", at = ""): string[] {
  const a = plain(given);
  const b = plain(wanted);
  if (b.anyOf) {
    const tries = b.anyOf.map((schema) => misfits(given, { ...wanted, schema }, original, at));
    return tries.find((problems) => problems.length === 0) ?? tries.flat();
  }
  const nulls = a.nullable && !b.nullable ? [`${at}: may be null`] : [];
  if (b.type === undefined || a.type === undefined)
    return [...nulls, ...(a.type === b.type ? [] : [`${at}: ${a.type} for ${b.type}`])];
  if (a.type !== b.type) return [...nulls, `${at}: ${a.type} for ${b.type}`];
  const words =
    b.enum && !a.enum?.every((word) => b.enum?.includes(word)) ? [`${at}: other words than ${b.enum.join(", ")}`] : [];
  const within = (x: Schema | undefined, y: Schema | undefined, name: string) =>
    x && y ? misfits({ ...given, schema: x }, { ...wanted, schema: y }, original, `${at}${name}`) : [];
  return [
    ...nulls,
    ...words,
    ...within(a.items, b.items, "[]"),
    ...within(a.additionalProperties, b.additionalProperties, "{}"),
    ...fields(a, b, original).map((name) => `${at}.${name}: missing`),
    ...Object.keys(a.properties ?? {}).flatMap((name) => within(a.properties?.[name], b.properties?.[name], `.${name}`)),
  ];
}

/** Fields that `b` needs and `a` need not have, and those of the original that the other side does not know. */
function fields(a: Schema, b: Schema, original: "given" | "wanted"): string[] {
  const needed = (b.required ?? []).filter((name) => !a.required?.includes(name));
  const [known, told] = original === "given" ? [b, a] : [a, b];
  const unknown = known.properties ? Object.keys(told.properties ?? {}).filter((name) => !known.properties?.[name]) : [];
  return [...new Set([...needed, ...unknown])];
}

/** The schema that a reference, or a nullable one, stands for. */
function plain({ schema, components }: Side): Schema {
  const [only] = schema.allOf ?? schema.oneOf ?? [];
  if (only) return { ...plain({ schema: only, components }), ...(schema.nullable ? { nullable: true } : {}) };
  if (schema.$ref === undefined) return schema;
  const target = components[schema.$ref.split("/").at(-1) ?? ""];
  if (!target) throw new Error(`${schema.$ref} is missing`);
  return plain({ schema: target, components });
}
