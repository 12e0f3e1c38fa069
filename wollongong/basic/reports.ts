import { CallFailed } from "../../core/client/failure.ts";
import { Thread } from "../../core/common/thread.ts";
import type { JobFile } from "../../core/jobfile/parse.ts";
import type { ReportKind } from "../../core/jobfile/schema.ts";
import type { RunRow } from "../check/table.ts";
import type { Annotation } from "../github/repository.ts";
import type { ReportTask } from "../report/read.thread.ts";
import { MOST_REPORT_BYTES, unread } from "../report/read.ts";
import { annotations, type NamedReport, summary } from "../report/render.ts";
import type { Report } from "../report/tally.ts";
import type { Wollongong } from "../wollongong.ts";

/** What a job's test reports come to. */
export interface ShownReport {
  /** Markdown. */
  summary: string;
  annotations: Annotation[];
}

export const reportOf = ({ report }: RunRow): ShownReport | undefined =>
  report === null ? undefined : (JSON.parse(report) as ShownReport);

interface Output {
  id: string;
  path: string;
  size: number;
}

interface Reading {
  core: ReturnType<Wollongong["coreOf"]>;
  job: string;
  file: JobFile;
  outputs: readonly Output[];
  /** Where the repository was on the job's machine. */
  root: string;
}

/** Files that are read for one job. */
const MOST_FILES = 50;

/** @returns undefined for a job without reports @throws CallFailed that may pass */
export async function readReports(wo: Wollongong, reading: Reading): Promise<ShownReport | undefined> {
  const { file, outputs, root } = reading;
  if (file.reports.length === 0) return undefined;
  const thread = new Thread<ReportTask, Report>(wo.world, "wollongong/report/read.thread.ts");
  try {
    const reports: NamedReport[] = [];
    for (const { kind, path } of file.reports) {
      const glob = new Bun.Glob(path);
      const found = outputs.filter((output) => output.path === path || glob.match(output.path));
      if (found.length === 0) reports.push({ name: path, report: unread("the job has no such output") });
      for (const output of found.slice(0, MOST_FILES - reports.length))
        reports.push({ name: output.path, report: await read(reading, thread, kind, output) });
    }
    return { summary: summary(reports), annotations: annotations(reports, root) };
  } finally {
    thread.close();
  }
}

async function read({ core, job }: Reading, thread: Thread<ReportTask, Report>, kind: ReportKind, output: Output) {
  if (output.size > MOST_REPORT_BYTES) return unread(`it is not read, as it is larger than ${MOST_REPORT_BYTES} bytes`);
  try {
    const response = await core.call("job_output_download", { path: { job, output: output.id } });
    return await thread.ask({ kind, bytes: await response.bytes() });
  } catch (error) {
    if (!(error instanceof CallFailed) || error.passing) throw error;
    return unread(`it cannot be fetched: ${error.message}`);
  }
}
