import { type Failure, plain, type Report, Tally } from "./tally.ts";

/**
 * Reads what `cargo test` prints, as text or (on nightly toolchains, and from nextest) as lines of JSON, with whatever else
 * stands between; several runs after one another are one report.
 */
export function readLibtest(text: string): Report {
  const reader = new Reader();
  for (const line of plain(text).split("\n")) reader.line(line);
  return reader.end();
}

/** `test NAME ... OUTCOME`; a test's own output may come before the outcome. */
const TEST = /^test (.{1,1000}?) \.\.\. (.*)$/;
const RUNNING = /^running \d+ tests?$/;
const SECTION = /^---- (.{1,1000}) (?:stdout|stderr) ----$/;
const LISTED = /^ {4}(\S.*)$/;
const RESULT =
  /^test result: \S+\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored; (\d{1,9}) measured; \d+ filtered out(?:; finished in ([\d.]+)s)?/;

/** Characters of tests' output that are kept while a run is read. */
const MOST_OUTPUT = 1_000_000;

class Reader {
  readonly #tally = new Tally();
  /** Output of the tests that failed in the run that is being read. */
  #failed = new Map<string, string[]>();
  #size = 0;
  /** The test whose output is being read. */
  #section: string[] | undefined;
  #listing = false;
  #underway = false;

  line(line: string): void {
    if (line.startsWith("{") && this.#event(line)) return;
    const [result, passed, failed, ignored, measured, seconds] = RESULT.exec(line) ?? [];
    if (result) this.#result(Number(passed) + Number(measured), Number(failed), Number(ignored), Number(seconds));
    else if (RUNNING.test(line)) this.#begin();
    else if (this.#underway) this.#lineOfRun(line);
  }

  #lineOfRun(line: string): void {
    const section = SECTION.exec(line)?.[1];
    if (section !== undefined) {
      this.#section = this.#failure(section);
      this.#listing = false;
    } else if (line === "failures:") {
      this.#section = undefined;
      this.#listing = true;
    } else if (this.#section) this.#keep(this.#section, line);
    else {
      const listed = this.#listing ? LISTED.exec(line)?.[1] : undefined;
      const [, tested, outcome = ""] = TEST.exec(line) ?? [];
      const name = listed ?? (/(^|\s)FAILED$/.test(outcome) ? tested : undefined);
      if (name !== undefined) this.#failure(name);
    }
  }

  #keep(section: string[], line: string): void {
    this.#size += line.length + 1;
    if (this.#size <= MOST_OUTPUT) section.push(line);
  }

  #failure(name: string): string[] {
    const known = this.#failed.get(name);
    if (known) return known;
    const output: string[] = [];
    this.#failed.set(name, output);
    return output;
  }

  #begin(): void {
    if (this.#underway) this.#broken();
    this.#underway = true;
  }

  #result(passed: number, failed: number, skipped: number, seconds: number): void {
    this.#tally.passed += passed;
    this.#tally.failed += failed;
    this.#tally.skipped += skipped;
    this.#tally.took(seconds);
    this.#close();
  }

  #close(): void {
    for (const [name, output] of this.#failed) this.#tally.describe(described(name, output.join("\n")));
    this.#failed = new Map();
    this.#size = 0;
    this.#section = undefined;
    this.#listing = false;
    this.#underway = false;
  }

  /** A run that began and did not come to its result: what is known of it counts. */
  #broken(): void {
    this.#tally.problem("a run of tests ended without a result: it has crashed, or the report was cut off");
    this.#tally.failed += this.#failed.size;
    this.#close();
  }

  /** @returns whether the line was an event of a run */
  #event(line: string): boolean {
    const event = eventOf(line);
    if (!event) return false;
    const { type, event: what, name = "", stdout = "", message = "" } = event;
    const { passed = 0, failed = 0, ignored = 0, measured = 0, exec_time = Number.NaN } = event;
    if (type === "suite" && what === "started") this.#begin();
    if (type === "suite" && (what === "ok" || what === "failed")) this.#result(passed + measured, failed, ignored, exec_time);
    if (type === "test" && what === "failed") this.#keep(this.#failure(name), stdout || message);
    return true;
  }

  end(): Report {
    if (this.#underway) this.#broken();
    else if (this.#tally.count === 0 && this.#tally.seconds === undefined)
      this.#tally.problem("the report tells of no run of tests");
    return this.#tally;
  }
}

const TEXTS = ["name", "stdout", "message"] as const;
const NUMBERS = ["passed", "failed", "ignored", "measured", "exec_time"] as const;

type Event = { type: string; event: string } & Partial<Record<(typeof TEXTS)[number], string>> &
  Partial<Record<(typeof NUMBERS)[number], number>>;

function eventOf(line: string): Event | undefined {
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined; // a test's output that looks like it
  }
  const { type, event = "" } = raw;
  if (typeof event !== "string" || (type !== "suite" && type !== "test" && type !== "bench")) return undefined;
  const found: Event = { type, event };
  for (const key of TEXTS) if (typeof raw[key] === "string") found[key] = raw[key];
  for (const key of NUMBERS) {
    const number = raw[key];
    if (typeof number === "number" && number >= 0 && number < 1e9) found[key] = number;
  }
  return found;
}

const PANIC = /^thread '.{0,1000}' (?:\(\d+\) )?panicked at (.*)$/m;
const LINES = 5;

/** A test in the documentation: its name says where it stands. */
const DOCTEST = /^(\S+\.rs) - .*\(line (\d{1,7})\)/;

function described(name: string, details: string): Failure {
  const [, file, line] = DOCTEST.exec(name) ?? [];
  return { name, message: messageOf(details), details, file, line: line === undefined ? undefined : Number(line) };
}

/** The message of a panic, which stands below its place or, from older compilers, before it. */
function messageOf(details: string): string {
  const panic = PANIC.exec(details);
  if (!panic) return details.trim().split("\n", 1)[0] ?? "";
  const [whole, rest = ""] = panic;
  const old = /^'(.*)', [^ ]+:\d+:\d+$/.exec(rest)?.[1];
  const below = details.slice(panic.index + whole.length + 1).split("\n", LINES);
  const end = below.findIndex((line) => line === "" || line.startsWith("note: ") || line.startsWith("stack backtrace:"));
  return old ?? below.slice(0, end < 0 ? LINES : end).join("\n");
}
