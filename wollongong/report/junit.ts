import { SaxesParser } from "saxes";
import { type Report, Tally } from "./tally.ts";

/** What is known of the `<testcase>` that is being read. */
interface Case {
  name: string;
  file: string | undefined;
  line: number | undefined;
  seconds: number;
  failed: boolean;
  skipped: boolean;
  message: string;
  details: string;
}

type Attributes = Record<string, string>;

/** Ends the reading; its message is for the report's readers. */
class Damaged extends Error {}

/** Characters of one text that are kept while it is read. */
const MOST_TEXT = 100_000;

/**
 * Reads JUnit's XML, as nearly every test runner writes it. Entities other than XML's own are an error, so that nothing
 * can be made to grow; what comes before a fault counts.
 */
export function readJUnit(text: string): Report {
  const reader = new Reader();
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => reader.open(name, attributes));
  parser.on("closetag", ({ name }) => reader.close(name));
  parser.on("text", (part) => reader.text(part));
  parser.on("cdata", (part) => reader.text(part));
  parser.on("error", ({ message }) => {
    throw new Damaged(`it is no XML at line ${message.replace(/^(\d+):(\d+): /, "$1: ")}`);
  });
  try {
    // Output of tests is often copied in with characters that XML does not allow.
    parser.write(text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "\ufffd")).close();
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    reader.tally.problem(`the report cannot be read to its end: ${error.message}`);
  }
  return reader.end();
}

class Reader {
  readonly tally = new Tally();
  /** What suites say they took, in case that their tests do not. */
  #suites = 0;
  #depth = 0;
  #outer: number | undefined;
  #case: Case | undefined;
  /** The element of a case whose text is wanted. */
  #inside: string | undefined;

  open(name: string, attributes: Attributes): void {
    if (this.#depth === 0 && name !== "testsuites" && name !== "testsuite")
      throw new Damaged(`it is no JUnit report: it begins with <${name.slice(0, 50)}>`);
    this.#depth++;
    if (name === "testsuites" || name === "testsuite") this.#suite(attributes);
    else if (name === "testcase") this.#case = caseOf(attributes);
    else if (this.#case) this.#outcome(this.#case, name, attributes);
  }

  #suite({ time }: Attributes): void {
    // The outermost suite that tells a time tells that of those inside it.
    if (time === undefined || this.#outer !== undefined) return;
    this.#outer = this.#depth;
    this.#suites += secondsOf(time);
  }

  #outcome(test: Case, name: string, { message = "", type = "" }: Attributes): void {
    if (name === "skipped") test.skipped = true;
    if (name !== "failure" && name !== "error") return;
    this.#inside = name;
    if (!test.failed) test.message = message || type;
    test.failed = true;
  }

  text(part: string): void {
    if (this.#case && this.#inside && this.#case.details.length < MOST_TEXT) this.#case.details += part.slice(0, MOST_TEXT);
  }

  close(name: string): void {
    if (this.#outer === this.#depth) this.#outer = undefined;
    this.#depth--;
    if (name === this.#inside) this.#inside = undefined;
    if (name !== "testcase" || !this.#case) return;
    this.#count(this.#case);
    this.#case = undefined;
  }

  #count({ name, file, line, seconds, failed, skipped, message, details }: Case): void {
    this.tally.took(seconds);
    // Of a test that is known to fail some tell both.
    if (skipped) this.tally.skipped++;
    else if (failed) this.tally.fail({ name, message: message || firstLine(details), details, file, line });
    else this.tally.passed++;
  }

  end(): Report {
    if ((this.tally.seconds ?? 0) === 0) this.tally.seconds = this.#suites > 0 ? this.#suites : this.tally.seconds;
    return this.tally;
  }
}

function caseOf({ name = "", classname = "", file, line, time }: Attributes): Case {
  const whole = classname && !name.startsWith(classname) ? `${classname} > ${name}` : name;
  const rest = { failed: false, skipped: false, message: "", details: "" };
  return { name: whole, file, line: line === undefined ? undefined : Number(line), seconds: secondsOf(time), ...rest };
}

/** Some write thousands with a comma. */
const secondsOf = (time = "0"): number => Number(time.replaceAll(",", ""));

const firstLine = (text: string): string => text.trim().split("\n", 1)[0] ?? "";
