/** A test that failed. */
export interface Failure {
  name: string;
  /** What is wrong, in a line or a few. */
  message: string;
  /** All that the report tells of it; may be empty. */
  details: string;
  /** Where it says that the test stands, as it says it. */
  file?: string | undefined;
  line?: number | undefined;
}

/** What a report says. */
export interface Report {
  passed: number;
  failed: number;
  skipped: number;
  /** Undefined where it does not tell. */
  seconds: number | undefined;
  /** The first ones. */
  failures: Failure[];
  /** What is wrong with the report itself, or with the run as a whole; of a run without any, all went well. */
  problems: string[];
}

/** Nobody reads more; counts go on. */
export const MOST_FAILURES = 100;
const MOST_PROBLEMS = 10;
/** Characters. */
const LONGEST = { name: 250, message: 1_000, details: 8_000, problem: 300 };

/** Counts tests as a report is read. What it keeps is bounded, whatever the report holds. */
export class Tally implements Report {
  passed = 0;
  failed = 0;
  skipped = 0;
  seconds: number | undefined = undefined;
  readonly failures: Failure[] = [];
  readonly problems: string[] = [];

  get count(): number {
    return this.passed + this.failed + this.skipped;
  }

  fail(failure: Failure): void {
    this.failed++;
    this.describe(failure);
  }

  /** Keeps what is known of a failure that is counted elsewhere. */
  describe({ name, message, details, file, line }: Failure): void {
    if (this.failures.length >= MOST_FAILURES) return;
    this.failures.push({
      name: oneLine(name, LONGEST.name) || "(without a name)",
      message: clean(message, LONGEST.message) || "failed",
      details: clean(details, LONGEST.details),
      ...(file === undefined ? {} : { file }),
      ...(line !== undefined && Number.isSafeInteger(line) && line > 0 ? { line } : {}),
    });
  }

  problem(message: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(oneLine(message, LONGEST.problem));
  }

  took(seconds: number): void {
    if (Number.isFinite(seconds) && seconds >= 0) this.seconds = (this.seconds ?? 0) + seconds;
  }

  /** Takes over what was counted of the tests inside another one. */
  absorb(inner: Tally, prefix: string): void {
    this.passed += inner.passed;
    this.failed += inner.failed;
    this.skipped += inner.skipped;
    for (const failure of inner.failures) this.describe({ ...failure, name: `${prefix}${failure.name}` });
    for (const problem of inner.problems) this.problem(`${prefix}${problem}`);
  }
}

/** What terminals take as commands: colours, titles. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEQUENCE = /\x1b\[[0-9;:?]{0,50}[ -/]{0,5}[@-~]|\x1b\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)/g;
/** Other controls, and characters that turn the direction of text. */
const NOISE = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

export const plain = (text: string): string => text.replace(/\r\n?/g, "\n").replace(SEQUENCE, "").replace(NOISE, "");

/** Text without noise, cut where it is too long; the end of a long text is often what matters, so the middle goes. */
function clean(text: string, most: number): string {
  const all = plain(text.length > 4 * most ? `${text.slice(0, 2 * most)}${text.slice(-2 * most)}` : text).trim();
  if (all.length <= most) return all.toWellFormed();
  const half = Math.floor(most / 2);
  return `${all.slice(0, half)}\n...\n${all.slice(-half)}`.toWellFormed();
}

function oneLine(text: string, most: number): string {
  const line = plain(text.slice(0, 4 * most))
    .replace(/\s+/g, " ")
    .trim();
  return (line.length > most ? `${line.slice(0, most)}...` : line).toWellFormed();
}
