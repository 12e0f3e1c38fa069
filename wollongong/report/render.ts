import { code, fenced } from "../check/markdown.ts";
import type { Annotation } from "../github/repository.ts";
import { placeOf } from "./place.ts";
import type { Failure, Report } from "./tally.ts";

/** A report, and what to call it. */
export interface NamedReport {
  name: string;
  report: Report;
}

/** Failures in whose texts a place is looked for: there are no more annotations. */
const MOST_LOOKED_AT = 200;
/** Rows of the table. */
const MOST_ROWS = 50;
/** Bytes of the whole summary: GitHub takes 65,535, and there is more to say than this. */
const MOST_BYTES = 40_000;
/** Lines of one failure. */
const MOST_LINES = 40;

/** One line of the code for each failure that says where it was. `root`: where the repository was on the job's machine. */
export function annotations(reports: readonly NamedReport[], root: string): Annotation[] {
  const failures = reports.flatMap(({ report }) => report.failures).slice(0, MOST_LOOKED_AT);
  return failures.flatMap((failure): Annotation[] => {
    const place = placeOf(failure, root);
    if (!place) return [];
    const { path, line } = place;
    const { name: title, message, details } = failure;
    const where = { path, start_line: line, end_line: line };
    return [{ ...where, annotation_level: "failure", title, message, ...(details ? { raw_details: details } : {}) }];
  });
}

/** Markdown: a table of what the reports count, then the failures, as many as there is room for. */
export function summary(reports: readonly NamedReport[]): string {
  const rows = reports.slice(0, MOST_ROWS).map(({ name, report }) => row(cell(name.slice(0, 200)), report));
  const more = reports.length - rows.length;
  if (more > 0) rows.push(`| and ${more} more | | | | |`);
  if (reports.length > 1) rows.push(row("**all**", total(reports)));
  const parts = [["| tests | passed | failed | skipped | time |", "|---|--:|--:|--:|--:|", ...rows].join("\n")];
  const problems = reports.flatMap(({ name, report }) => report.problems.map((problem) => `- ${code(name)}: ${code(problem)}`));
  if (problems.length > 0) parts.push(problems.slice(0, MOST_ROWS).join("\n"));
  return [...parts, ...failures(reports, MOST_BYTES - Buffer.byteLength(parts.join("\n\n")))].join("\n\n");
}

const row = (name: string, { passed, failed, skipped, seconds }: Omit<Report, "failures" | "problems">): string =>
  `| ${name} | ${passed} | ${failed > 0 ? `**${failed}**` : "0"} | ${skipped} | ${seconds === undefined ? "" : inWords(seconds)} |`;

/** In a table a `|` ends the cell even in code. */
const cell = (text: string): string => code(text).replaceAll("|", "\\|");

function total(reports: readonly NamedReport[]) {
  const sum = { passed: 0, failed: 0, skipped: 0, seconds: undefined as number | undefined };
  for (const { report } of reports) {
    sum.passed += report.passed;
    sum.failed += report.failed;
    sum.skipped += report.skipped;
    if (report.seconds !== undefined) sum.seconds = (sum.seconds ?? 0) + report.seconds;
  }
  return sum;
}

function failures(reports: readonly NamedReport[], room: number): string[] {
  const parts: string[] = [];
  let left = room;
  for (const { report } of reports)
    for (const failure of report.failures) {
      const part = described(failure);
      left -= Buffer.byteLength(part) + 2;
      if (left < 0) break;
      parts.push(part);
    }
  const { failed } = total(reports);
  if (failed > parts.length && parts.length > 0) parts.push(`and ${failed - parts.length} more failed`);
  return parts;
}

function described({ name, message, details }: Failure): string {
  const lines = details.split("\n");
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "..."] : lines;
  const text = details.includes(message) ? shown : [...message.split("\n"), ...(details ? ["", ...shown] : [])];
  return `<details><summary><code>${Bun.escapeHTML(name)}</code></summary>\n\n${fenced(text)}\n\n</details>`;
}

function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} m ${Math.floor(seconds % 60)} s`;
}
