import type { JobFile } from "./parse.ts";

/** What is known of the commit under test. */
export interface Change {
  /** The branch of the repository that the commit was pushed to; undefined for one from a fork. */
  branch: string | undefined;
  /** Every path that differs from what was there before, old names included; undefined where it cannot be told. */
  paths: readonly string[] | undefined;
}

/** Of a larger change one need not ask what it leaves alone. */
const MOST_PATHS = 3000;

/**
 * Whether a job is to run for a change. Where it cannot be told what changed, it is.
 *
 * @returns why not, in words that follow "skipped: "; undefined: it is to run
 */
export function whySkipped(job: Pick<JobFile, "branches" | "paths" | "pathsIgnore">, change: Change): string | undefined {
  return byBranch(job.branches, change.branch) ?? byPaths(job, change.paths);
}

function byBranch(branches: readonly string[] | undefined, branch: string | undefined): string | undefined {
  if (!branches) return undefined;
  if (branch === undefined) return `it runs on ${branchList(branches)} only, and this commit is on no branch of the repository`;
  if (matcher(branches)(branch)) return undefined;
  return `it runs on ${branchList(branches)} only, and this is ${branch}`;
}

const branchList = (branches: readonly string[]) => `the ${branches.length === 1 ? "branch" : "branches"} ${list(branches)}`;

function byPaths(
  { paths, pathsIgnore }: Pick<JobFile, "paths" | "pathsIgnore">,
  changed: readonly string[] | undefined,
): string | undefined {
  if (!changed || changed.length > MOST_PATHS || (!paths && pathsIgnore.length === 0)) return undefined;
  if (changed.length === 0) return "no file has changed";
  const among = paths ? changed.filter(matcher(paths)) : changed;
  if (paths && among.length === 0) return `no file that has changed is among its paths, ${list(paths)}`;
  const ignored = matcher(pathsIgnore);
  if (!among.every((path) => ignored(path))) return undefined;
  return `${paths ? "of its paths only such have changed as" : "all files that have changed"} are among its paths_ignore, ${list(pathsIgnore)}`;
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const globs = patterns.map((pattern) => new Bun.Glob(pattern));
  return (name) => globs.some((glob) => glob.match(name));
}

const SHOWN = 8;

const list = (patterns: readonly string[]) =>
  patterns.slice(0, SHOWN).join(", ") + (patterns.length > SHOWN ? ` and ${patterns.length - SHOWN} more` : "");
