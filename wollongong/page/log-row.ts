import type { JobEvent } from "../../core/client/operations.ts";
import { ansiToHtml } from "./ansi.ts";

const KNOWN = new Set(["stdout", "stderr", "task", "worker", "control", "console", "panic"]);

export const cssClassOf = (stream: string): string =>
  KNOWN.has(stream) ? `s_${stream}` : stream.startsWith("bg.") ? "s_bgtask" : "s_default";

/** RFC 3339 to the millisecond. */
const shortTime = (time: string): string => new Date(time).toISOString();

/**
 * A line of the log as a row of the table; the live stream sends the very same.
 *
 * @param before the task of the row before it: a change is shown by an empty row
 */
export function rowHtml({ seq, stream, task, time, time_remote, payload }: JobEvent, before: number | null | undefined): string {
  const gap = before !== undefined && before !== task ? '<tr class="gap"><td></td></tr>' : "";
  const name = /^bg\.(.*)\.std(?:out|err)$/.exec(stream)?.[1];
  const prefix = name === undefined ? "" : `[${Bun.escapeHTML(name)}] `;
  const remote = time_remote ? shortTime(time_remote) : "";
  return `${gap}<tr class="${cssClassOf(stream)}" id="S${seq}"><td class="num"><a href="#S${seq}">${seq}</a></td><td class="field">${shortTime(time)}</td><td class="field local">${remote}</td><td class="payload">${prefix}${ansiToHtml(payload)}</td></tr>\n`;
}
