import { Config } from "../../core/config.ts";

/** The part of a TypeBox schema that the page shows. */
interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  required?: string[];
}

const HEAD = `# Configuration of the server

\`buildomat-server --config server.toml\` reads a TOML file. A key that is not listed here, or a value that does not fit, keeps the
server from starting, with a sentence that names the key. The smallest file that works:

\`\`\`toml
[admin]
token = "at least sixteen characters that nobody can guess"
\`\`\`

With \`[sandbox]\` in it, even if empty, the server also makes machines on its own host; [sandbox.md](sandbox.md) tells what those can
and cannot do. With \`[aws]\` it makes them of EC2; see [ec2.md](ec2.md). \`scripts/start\` writes such a file to \`.local/server.toml\`.

This page is made from the schema in \`core/config.ts\` by \`scripts/generate/run\`.
`;

/** docs/configuration.md */
export function configurationPage(): string {
  const sections = Object.entries((Config as Schema).properties ?? {}).map(([name, section]) => sectionOf(name, section));
  return `${HEAD}\n${sections.join("\n")}`;
}

function sectionOf(name: string, section: Schema): string {
  const keys = Object.entries(section.properties ?? {});
  const inner = keys.filter(([, schema]) => schema.properties !== undefined);
  const plain = keys.filter(([, schema]) => schema.properties === undefined);
  const rows = plain.map(([key, schema]) => {
    const needed = section.required?.includes(key) && schema.default === undefined ? "needed" : fallback(schema.default);
    return `| \`${key}\` | ${typeOf(schema)} | ${needed} | ${schema.description ?? ""} |\n`;
  });
  const about = section.description ? `${section.description}\n\n` : "";
  const tables = inner.map(([key, schema]) => `\n${sectionOf(`${name}.${key}`, schema)}`);
  return `## \`[${name}]\`\n\n${about}| key | type | default | meaning |\n|---|---|---|---|\n${rows.join("")}${tables.join("")}`;
}

const fallback = (value: unknown) => (value === undefined ? "" : `\`${JSON.stringify(value)}\``);

function typeOf(schema: Schema): string {
  if (schema.anyOf)
    return schema.anyOf
      .map((member) => (member.const === undefined ? typeOf(member) : `\`${JSON.stringify(member.const)}\``))
      .join(", ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (schema.type === "object") return tableOf(schema);
  const bounds = [
    schema.minimum === undefined ? "" : `from ${schema.minimum}`,
    schema.maximum === undefined ? "" : `to ${schema.maximum}`,
  ];
  return [schema.type, ...bounds].filter(Boolean).join(" ");
}

/** `table of { image }` */
function tableOf(schema: Schema): string {
  if (schema.properties) return `{ ${Object.keys(schema.properties).join(", ")} }`;
  const [inner] = Object.values(schema.patternProperties ?? {});
  const keys = Object.keys(inner?.properties ?? {}).map((key) => `\`${key}\``);
  return `table by name of { ${keys.join(", ")} }`;
}
