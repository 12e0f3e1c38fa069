import type { JobFile } from "../../core/jobfile/parse.ts";
import type { RunRow } from "../check/table.ts";
import type { Annotation } from "../github/repository.ts";
import type { Wollongong } from "../wollongong.ts";

/** What a job's test reports come to. */
export interface Report {
  /** Markdown. */
  summary: string;
  annotations: Annotation[];
}

export const reportOf = ({ report }: RunRow): Report | undefined =>
  report === null ? undefined : (JSON.parse(report) as Report);

interface Reading {
  core: ReturnType<Wollongong["coreOf"]>;
  job: string;
  file: JobFile;
  outputs: readonly { id: string; path: string; size: number }[];
}
export async function readReports(_wo: Wollongong, _reading: Reading): Promise<Report | undefined> {
  return undefined;
}
