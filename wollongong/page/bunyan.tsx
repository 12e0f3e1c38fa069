import { htmlAround } from "./answer.ts";
import { Layout } from "./layout.tsx";

const LEVELS: Readonly<Record<number, readonly [short: string, name: string]>> = {
  10: ["TRAC", "trace"],
  20: ["DEBG", "debug"],
  30: ["INFO", "info"],
  40: ["WARN", "warn"],
  50: ["ERRO", "error"],
  60: ["FATA", "fatal"],
};
/** What is shown elsewhere in the row, or is the same everywhere. */
const PLAIN = new Set(["v", "level", "name", "hostname", "pid", "time", "msg", "component"]);
const HOLE = "<!--rows-->";

/** A structured log (bunyan's JSON lines) as a table, from a level on. Lines that are something else are shown as they are. */
export function bunyanPage(name: string, bytes: ReadableStream<Uint8Array>, from: number): Response {
  const choice = (level: number, label: string) =>
    level === from ? <b>{label}</b> : <a href={`?format=x-bunyan&level=${level}`}>{label}</a>;
  return htmlAround(
    <Layout title={name}>
      <header>
        <h1>{name}</h1>
        <p class="quiet">
          From level:{" "}
          {Object.entries(LEVELS).map(([level, [short]]) => (
            <span key={level}>{choice(Number(level), short)} </span>
          ))}
        </p>
      </header>
      <table class={`bunyan from-${from}`}>
        <tbody dangerouslySetInnerHTML={{ __html: HOLE }} />
      </table>
    </Layout>,
    HOLE,
    rows(bytes),
  );
}

async function* rows(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let number = 0;
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield lines.map((line) => rowHtml(line, ++number)).join("");
  }
  rest += decoder.decode();
  if (rest !== "") yield rowHtml(rest, ++number);
}

/** One line of the file. Everything in it is escaped. */
export function rowHtml(line: string, number: number): string {
  const entry = entryOf(line);
  const cells = (time: string, level: string, text: string) =>
    `<td class="num"><a href="#L${number}">${number}</a></td><td class="field">${time}</td><td class="field"><b>${level}</b></td><td class="payload">${text}</td></tr>\n`;
  if (!entry) return `<tr id="L${number}" class="bunyan-other">${cells("", "", Bun.escapeHTML(line.trim()))}`;
  const [short, name] = LEVELS[entry.level] ?? ["", "other"];
  const who = entry.component !== undefined && entry.component !== entry.name ? ` (${Bun.escapeHTML(entry.component)})` : "";
  const message = Bun.escapeHTML(entry.msg).replaceAll("\n", "\n    ");
  const fields = entry.fields.map(([key, value]) => `\n    <b>${Bun.escapeHTML(key)}</b> = ${Bun.escapeHTML(value)}`);
  const text = `<b>${Bun.escapeHTML(entry.name)}</b>${who}: ${message}${fields.join("")}`;
  return `<tr id="L${number}" class="bunyan-${name} level-${entry.level}">${cells(new Date(entry.time).toISOString(), short, text)}`;
}

interface Entry {
  level: number;
  name: string;
  component: string | undefined;
  time: string;
  msg: string;
  fields: [key: string, value: string][];
}

function entryOf(line: string): Entry | undefined {
  const record = firstKeys(line);
  if (!record) return undefined;
  const { v, level, name, hostname, pid, time, msg, component } = record;
  const complete = v === 0 && typeof level === "number" && level in LEVELS && typeof pid === "number";
  if (!complete || typeof hostname !== "string" || typeof name !== "string" || typeof msg !== "string") return undefined;
  if (typeof time !== "string" || Number.isNaN(Date.parse(time))) return undefined;
  const fields = Object.keys(record)
    .filter((key) => !PLAIN.has(key))
    .sort()
    .map((key): [string, string] => [key, shown(record[key])]);
  return { level, name, component: typeof component === "string" ? component : undefined, time, msg, fields };
}

const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** An object of which, where a key is there twice, the first counts: such logs exist, and `JSON.parse` takes the last. */
function firstKeys(line: string): Record<string, unknown> | undefined {
  if (!line.trimStart().startsWith("{")) return undefined;
  try {
    const record = JSON.parse(line) as Record<string, unknown>;
    const twice = Object.keys(record).filter((key) => line.split(`${JSON.stringify(key)}:`).length > 2);
    for (const key of twice) {
      const first = firstValue(line, key);
      if (first !== undefined) record[key] = first;
    }
    return record;
  } catch {
    return undefined;
  }
}

/** The value after the first `"key":` on the top level of an object; undefined where that stands deeper. */
function firstValue(line: string, key: string): unknown {
  const start = line.indexOf(`${JSON.stringify(key)}:`);
  if (depthAt(line, start) !== 1) return undefined;
  const from = start + JSON.stringify(key).length + 1;
  for (let end = from + 1; end <= line.length; end++) {
    if (!/[,}]/.test(line[end] ?? "") || depthAt(line, end) !== 1) continue;
    return JSON.parse(line.slice(from, end)) as unknown;
  }
  return undefined;
}

/** How many braces and brackets are open before a place, strings left out. */
function depthAt(line: string, place: number): number {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < place; i++) {
    const c = line[i];
    if (inString && c === "\\") i++;
    else if (c === '"') inString = !inString;
    else if (!inString && (c === "{" || c === "[")) depth++;
    else if (!inString && (c === "}" || c === "]")) depth--;
  }
  return inString ? -1 : depth;
}
