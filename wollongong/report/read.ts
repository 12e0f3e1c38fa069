import type { ReportKind } from "../../core/jobfile/schema.ts";
import { readJUnit } from "./junit.ts";
import { readLibtest } from "./libtest.ts";
import { type Report, Tally } from "./tally.ts";
import { readTap } from "./tap.ts";

/** A report that is larger is not read. */
export const MOST_REPORT_BYTES = 16 * 1024 * 1024;

const READERS: Record<ReportKind, (text: string) => Report> = { junit: readJUnit, tap: readTap, libtest: readLibtest };

/** What a report says. Whatever it holds, the answer is small; a report that is none says so in its problems. */
export function readReport(kind: ReportKind, bytes: Uint8Array): Report {
  if (bytes.length > MOST_REPORT_BYTES) return unread(`it is not read, as it is larger than ${MOST_REPORT_BYTES} bytes`);
  return READERS[kind](new TextDecoder().decode(bytes));
}

/** In place of a report that there is not, or that cannot be had. */
export function unread(problem: string): Report {
  const tally = new Tally();
  tally.problem(problem);
  return tally;
}
