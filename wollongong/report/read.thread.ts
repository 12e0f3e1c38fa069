import { answerQuestions } from "../../core/common/thread.ts";
import type { ReportKind } from "../../core/jobfile/schema.ts";
import { readReport } from "./read.ts";
import type { Report } from "./tally.ts";

/** A report to read, away from the serving thread: a large one takes a while. */
export interface ReportTask {
  kind: ReportKind;
  bytes: Uint8Array;
}

answerQuestions(({ kind, bytes }: ReportTask): Report => {
  const { passed, failed, skipped, seconds, failures, problems } = readReport(kind, bytes);
  return { passed, failed, skipped, seconds, failures, problems };
});
