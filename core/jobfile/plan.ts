import { basename } from "node:path";
import { frontMatter, lineOf } from "./front-matter.ts";
import { type JobFile, parseJobFile } from "./parse.ts";
import { BadJobFile, type Problem } from "./problem.ts";

/** A file of a commit's folder of job files. */
export interface PlanFile {
  path: string;
  text: string;
}

export const MOST_JOBS = 32;

/**
 * Looks at what the folder of job files holds, before anything of it is loaded.
 *
 * @throws BadJobFile
 */
export function checkListing(paths: readonly string[]): void {
  const strange = paths.filter((path) => !path.endsWith(".sh"));
  const problems = strange.map((file) => ({ file, line: 1, message: "expected only files named *.sh in this folder" }));
  if (problems.length > 0) throw new BadJobFile(problems);
}

/**
 * The jobs of a commit, without those that are switched off, by name. What is wrong with any of its files, alone and
 * together, is told at once.
 *
 * @throws BadJobFile
 */
export function readPlan(files: readonly PlanFile[]): JobFile[] {
  const problems: Problem[] = [];
  const all: JobFile[] = [];
  for (const { path, text } of files) {
    try {
      all.push(parseJobFile(text, path));
    } catch (error) {
      if (!(error instanceof BadJobFile)) throw error;
      problems.push(...error.problems);
    }
  }
  const jobs = all.filter(({ enable }) => enable);
  problems.push(...tooMany(jobs), ...twins(jobs));
  // A job that cannot be read cannot be told from one that is not there.
  if (problems.length === 0) problems.push(...unmet(jobs, all), ...circles(jobs));
  if (problems.length > 0) throw new BadJobFile(problems);
  return jobs.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const at = ({ path, script }: JobFile, keys: string[], message: string): Problem => ({
  file: path,
  line: lineOf(frontMatter(script), keys),
  message,
});

const tooMany = (jobs: readonly JobFile[]): Problem[] =>
  jobs.slice(MOST_JOBS, MOST_JOBS + 1).map((job) => at(job, ["name"], `${jobs.length} jobs: expected at most ${MOST_JOBS}`));

function twins(jobs: readonly JobFile[]): Problem[] {
  const first = new Map<string, JobFile>();
  const problems: Problem[] = [];
  for (const job of jobs) {
    const other = first.get(job.name);
    if (other)
      problems.push(at(job, ["name"], `name: "${job.name}" is the name of ${basename(other.path)} too: expected another`));
    else first.set(job.name, job);
  }
  return problems;
}

function unmet(jobs: readonly JobFile[], all: readonly JobFile[]): Problem[] {
  const names = new Set(jobs.map(({ name }) => name));
  const off = new Map(all.filter(({ enable }) => !enable).map((job) => [job.name, job]));
  return jobs.flatMap((job) =>
    Object.entries(job.dependencies)
      .filter(([, name]) => !names.has(name))
      .map(([key, name]) => {
        const why = off.has(name) ? `the job "${name}" is switched off` : `there is no job "${name}"`;
        return at(job, ["dependencies", key, name], `dependencies.${key}: ${why}: expected the name of another job`);
      }),
  );
}

/** Each circle once, told at one of its jobs. */
function circles(jobs: readonly JobFile[]): Problem[] {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const done = new Set<string>();
  const problems: Problem[] = [];
  const visit = (job: JobFile, way: string[]) => {
    const begin = way.indexOf(job.name);
    if (begin >= 0) {
      const circle = [...way.slice(begin), job.name].map((name) => `"${name}"`).join(" -> ");
      problems.push(at(job, ["dependencies"], `dependencies: ${circle} is a circle: expected none`));
    }
    if (begin >= 0 || done.has(job.name)) return;
    for (const name of Object.values(job.dependencies)) {
      const next = byName.get(name);
      if (next) visit(next, [...way, job.name]);
    }
    done.add(job.name);
  };
  for (const job of jobs) visit(job, []);
  return problems;
}
