import { ansiToHtml } from "./ansi.ts";
import { htmlAround } from "./answer.ts";
import { Layout } from "./layout.tsx";
import { entryOf, LEVELS } from "./log-entry.ts";

const HOLE = "<!--rows-->";

/** A structured log (JSON lines) as a table, from a level on. Lines that are something else are shown as a terminal does. */
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
  if (!entry) return `<tr id="L${number}" class="bunyan-other">${cells("", "", ansiToHtml(line.trim()))}`;
  const [short, name] = LEVELS[entry.level] ?? ["", "other"];
  const who = entry.component !== undefined && entry.component !== entry.name ? ` (${Bun.escapeHTML(entry.component)})` : "";
  const message = ansiToHtml(entry.msg).replaceAll("\n", "\n    ");
  const fields = entry.fields.map(([key, value]) => `\n    <b>${Bun.escapeHTML(key)}</b> = ${Bun.escapeHTML(value)}`);
  const speaker = entry.name === undefined ? "" : `<b>${Bun.escapeHTML(entry.name)}</b>${who}: `;
  return `<tr id="L${number}" class="bunyan-${name} level-${entry.level}">${cells(entry.time, short, `${speaker}${message}${fields.join("")}`)}`;
}
