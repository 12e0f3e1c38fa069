import { type Outputs, outputsOf, tailOf } from "../basic/progress.ts";
import { reportOf } from "../basic/reports.ts";
import type { ShownRun } from "../github/repository.ts";
import type { Wollongong } from "../wollongong.ts";
import { artefactUrl, detailsUrl, isLog } from "./links.ts";
import { bounded, code, fenced, link } from "./markdown.ts";
import type { Conclusion, RunRow, SuiteRow } from "./table.ts";

const CANCEL = { identifier: "cancel", label: "Cancel this job", description: "End this job now" };
const CANCEL_ALL = { identifier: "cancel_all", label: "Cancel all jobs", description: "End all jobs of this commit" };
const AUTHORISE = { identifier: "auth", label: "Authorise", description: "Allow this plan to proceed" };

const TITLES: Readonly<Record<Conclusion, string>> = {
  success: "Success!",
  failure: "Failure!",
  cancelled: "Cancelled",
  action_required: "Authorisation required",
  timed_out: "Out of time",
  skipped: "Skipped",
  neutral: "Nothing to do",
};

/** Where a job is that has not ended, by its state in the core. */
const STATES: Readonly<Record<string, { status: "queued" | "in_progress"; title: string; says: string }>> = {
  waiting: { status: "queued", title: "Waiting for dependencies", says: "The job waits for the jobs that it depends on." },
  queued: { status: "queued", title: "Waiting to execute", says: "The job waits for a machine." },
  running: { status: "in_progress", title: "Running...", says: "The job is running." },
};
const UNSUBMITTED = { status: "queued", title: "Waiting to submit", says: "The job is about to be submitted." } as const;

/** A run as GitHub is to show it, but for its annotations. */
export function showRun(wo: Wollongong, suite: SuiteRow, run: RunRow): ShownRun {
  const { time_assigned, time_complete, conclusion, job } = run;
  const text = job === null ? undefined : tailText(run);
  return {
    details_url: detailsUrl(wo, suite, run),
    ...(conclusion ? ended(run, conclusion) : underway(run)),
    ...(time_assigned === null ? {} : { started_at: new Date(time_assigned).toISOString() }),
    ...(time_complete === null || !conclusion ? {} : { completed_at: new Date(time_complete).toISOString() }),
    output: {
      title: conclusion ? TITLES[conclusion] : stateOf(run).title,
      summary: bounded(summary(wo, suite, run)),
      ...(text === undefined ? {} : { text: bounded(text) }),
    },
  };
}

const stateOf = ({ job_state, job }: RunRow) => (job === null ? UNSUBMITTED : (STATES[job_state ?? "queued"] ?? UNSUBMITTED));

type Standing = Pick<ShownRun, "status" | "conclusion" | "actions">;

const ended = ({ action }: RunRow, conclusion: Conclusion): Standing => ({
  status: "completed",
  conclusion,
  ...(action === "auth" ? { actions: [AUTHORISE] } : {}),
});

function underway(run: RunRow): Standing {
  // A run that has a newer one in its place is over, whatever its job still does.
  if (run.active === 0) return { status: "completed", conclusion: "cancelled" };
  const { status } = stateOf(run);
  return { status, ...(run.variety === "basic" && run.cancelled_by === null ? { actions: [CANCEL, CANCEL_ALL] } : {}) };
}

function summary(wo: Wollongong, suite: SuiteRow, run: RunRow): string {
  const parts: string[] = [];
  if (run.job !== null) parts.push(`Job ${code(run.job)}: ${link("details and log", detailsUrl(wo, suite, run))}.`);
  if (run.cancelled_by !== null && !run.conclusion) parts.push(`It is being cancelled (${code(run.cancelled_by)}).`);
  if (run.story !== null) parts.push(run.story);
  else if (run.variety === "basic") parts.push(stateOf(run).says);
  if (run.note !== null) parts.push(run.note);
  if (run.ungiven !== null) parts.push(run.ungiven);
  const report = reportOf(run);
  if (report) parts.push(report.summary);
  const outputs = outputsOf(run);
  if (outputs.files.length > 0) parts.push(outputList(wo, suite, run, outputs));
  return parts.join("\n\n");
}

function outputList(wo: Wollongong, suite: SuiteRow, run: RunRow, { files, more }: Outputs): string {
  const lines = files.map(({ id, path, size }) => {
    const href = artefactUrl(wo, suite, run, { id, path });
    const rendered = isLog(path) ? ` ${link("[rendered]", `${href}?format=x-bunyan`)}` : "";
    return `- ${link(code(path), href)} (${sizeInWords(size)})${rendered}`;
  });
  if (more > 0) lines.push(`- and ${more} more`);
  return lines.join("\n");
}

/** Binary units with two digits after the point; bytes as they are. */
export function sizeInWords(bytes: number): string {
  for (const [unit, size] of [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const)
    if (bytes > size) return `${(bytes / size).toFixed(2)}${unit}`;
  return `${bytes}B`;
}

/** What the control lines were, group by group, and the end of the log. */
function tailText(run: RunRow): string | undefined {
  const { headers, lines } = tailOf(run);
  const text: string[] = [];
  let tag: string | undefined;
  for (const [group, line] of headers) {
    if (tag !== undefined && tag !== group) text.push("...");
    text.push(line);
    tag = group;
  }
  if (headers.length > 0 && lines.length > 0) text.push("...");
  for (const [, line] of lines) text.push(line);
  if (text.length > 0 && !run.conclusion) text.push("...");
  return text.length === 0 ? undefined : fenced(text);
}
