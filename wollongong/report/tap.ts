import { plain, type Report, Tally } from "./tally.ts";
import { valueAt } from "./tap-yaml.ts";

/**
 * Reads TAP 13 and 14: subtests in both forms, diagnostics in YAML, directives. A test with subtests is not counted itself,
 * unless it failed though none of them did.
 */
export function readTap(text: string): Report {
  const reader = new Reader();
  for (const line of plain(text).split("\n")) reader.line(line);
  return reader.end();
}

const PLAN = /^1\.\.(\d{1,9})(?:\s*#.*)?$/;
const POINT = /^(not )?ok\b(?:\s+\d{1,9}\b)?(?:\s+-(?=\s|$))?\s*(.*)$/;
const DIRECTIVE = /(?:^|\s)#\s*(?:skip|todo)/i;
const BAIL_OUT = /^Bail out!\s*(.*)$/;

/** Deeper is no test any more. */
const MOST_LEVELS = 32;
/** Lines of a diagnostic that are kept, and characters of a comment. */
const MOST_LINES = 500;
const MOST_COMMENT = 300;

interface Point {
  name: string;
  ok: boolean;
  skipped: boolean;
  /** `ok 1 - name {`: its subtests follow, up to the closing brace, rather than having come before. */
  opens: boolean;
  diagnostic: string[];
}

/** The tests of one depth. */
class Level {
  readonly tally = new Tally();
  planned: number | undefined;
  points = 0;
  /** The last test: its diagnostic, or its subtests, may still come. */
  pending: { point: Point; inner: Level | undefined } | undefined;
}

class Reader {
  /** Of the tests whose subtests are being read, and of these; never empty. */
  readonly #levels: Level[] = [new Level()];
  /** The diagnostic that is being read: its indentation, and where it goes to. */
  #yaml: { indent: string; lines: string[] } | undefined;

  line(line: string): void {
    if (this.#yaml) this.#diagnostic(this.#yaml, line);
    else this.#line(line);
  }

  #line(line: string): void {
    const indent = /^ */.exec(line)?.[0] ?? "";
    const text = line.slice(indent.length);
    const depth = Math.floor(indent.length / 4);
    const pending = this.#levels.at(-1)?.pending;
    if (/^---(?:\s|$)/.test(text) && pending) this.#yaml = { indent, lines: pending.point.diagnostic };
    else if (indent.length % 4 === 0 && depth < MOST_LEVELS) this.#statement(depth, text);
  }

  #diagnostic({ indent, lines }: { indent: string; lines: string[] }, line: string): void {
    if (line === `${indent}...`) this.#yaml = undefined;
    else if (lines.length < MOST_LINES) lines.push(line.startsWith(indent) ? line.slice(indent.length) : line);
  }

  #statement(depth: number, text: string): void {
    const plan = PLAN.exec(text)?.[1];
    const [found, not, rest = ""] = POINT.exec(text) ?? [];
    const given = BAIL_OUT.exec(text)?.[1];
    if (given !== undefined) this.#levels[0]?.tally.problem(`the run was given up: ${given || "no reason is given"}`);
    else if (plan !== undefined) this.#at(depth).planned = Number(plan);
    else if (found !== undefined) this.#test(depth, pointOf(not === undefined, rest));
    // What Perl's tests have to say of a failure stands in comments.
    else if (text.startsWith("#   ")) this.#levels.at(-1)?.pending?.point.diagnostic.push(text.slice(4, MOST_COMMENT));
  }

  #test(depth: number, point: Point): void {
    const inner = this.#levels[depth + 1];
    const before = inner && !this.#levels[depth]?.pending?.point.opens;
    const level = this.#at(depth, before);
    level.points++;
    settle(level);
    level.pending = { point, inner: before ? inner : undefined };
  }

  /**
   * The level of a depth. What is deeper has ended.
   *
   * @param named the test is at hand that the level below belongs to; else it belongs to the test before it, or to none
   */
  #at(depth: number, named = false): Level {
    while (this.#levels.length - 1 > depth) {
      const inner = this.#levels.pop();
      const outer = this.#levels.at(-1);
      if (!inner || !outer) break;
      finish(inner);
      if (named && this.#levels.length - 1 === depth) break;
      if (outer.pending?.point.opens) outer.pending.inner = inner;
      else outer.tally.absorb(inner.tally, "");
    }
    for (let last = this.#levels.length - 1; last < depth; last++) this.#levels.push(new Level());
    return this.#levels[depth] ?? new Level();
  }

  end(): Report {
    const level = this.#at(0);
    finish(level);
    if (level.points === 0 && level.planned === undefined) level.tally.problem("the report tells of no test");
    else if (level.planned === undefined) level.tally.problem("there is no plan: the report may have been cut off");
    return level.tally;
  }
}

function finish(level: Level): void {
  settle(level);
  const { planned, points, tally } = level;
  if (planned !== undefined && planned !== points) tally.problem(`${planned} tests were planned, and ${points} were told of`);
}

/** Counts the last test, of which all is known. */
function settle(level: Level): void {
  const { tally, pending } = level;
  level.pending = undefined;
  if (!pending) return;
  const { point, inner } = pending;
  if (inner && inner.points > 0) tally.absorb(inner.tally, `${point.name} > `);
  if (inner && inner.points > 0 && (point.ok || inner.tally.failed > 0)) return;
  if (point.skipped) tally.skipped++;
  else if (point.ok) tally.passed++;
  else tally.fail(failureOf(point));
}

function pointOf(ok: boolean, text: string): Point {
  const opens = text.endsWith("{");
  const rest = opens ? text.slice(0, -1).trimEnd() : text;
  const directive = DIRECTIVE.exec(rest);
  const name = (directive ? rest.slice(0, directive.index) : rest).replace(/\\([#\\])/g, "$1");
  return { name, ok, skipped: directive !== null, opens, diagnostic: [] };
}

const PLACE = /^(?:.{0,500}\()?([^()]{1,500}?):(\d{1,9})(?::\d{1,9})?\)?$/;

function failureOf({ name, diagnostic }: Point) {
  const value = (...keys: string[]) => keys.map((key) => valueAt(diagnostic, key)).find((found) => found !== undefined);
  const line = value("line", "lineNumber");
  const [, file = value("file", "fileName"), at = line] = PLACE.exec(value("location", "at") ?? "") ?? [];
  return {
    name,
    message: value("message", "error", "reason") ?? "",
    details: diagnostic.join("\n"),
    file,
    line: at === undefined ? undefined : Number(at),
  };
}
