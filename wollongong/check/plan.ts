import { type JobFile, parseJobFile } from "../../core/jobfile/parse.ts";
import { checkListing, readPlan } from "../../core/jobfile/plan.ts";
import { BadJobFile } from "../../core/jobfile/problem.ts";
import { BadContent, type GitHubRepository } from "../github/repository.ts";
import { code } from "./markdown.ts";
import type { RunRow, SuiteRow } from "./table.ts";

/** The job files of a commit that are switched on, by name; kept with the suite as JSON. */
export type Plan = readonly { path: string; name: string; content: string }[];

/** A plan that cannot be used, with everything that is wrong with it (Markdown). */
export class BadPlan extends Error {}

/** Reads and checks `<confroot>/jobs/*.sh` at a commit; a folder that is not there is an empty plan. @throws BadPlan */
export async function loadPlan(github: GitHubRepository, confroot: string, sha: string): Promise<Plan> {
  try {
    const entries = (await github.folder(`${confroot}/jobs`, sha)) ?? [];
    checkListing(entries.map(({ path, type }) => (type === "file" ? path : `${path}/`)));
    const files = await Promise.all(entries.map(async ({ path }) => ({ path, text: (await github.file(path, sha)) ?? "" })));
    return readPlan(files).map(({ path, name, script }) => ({ path, name, content: script }));
  } catch (error) {
    if (error instanceof BadContent) throw new BadPlan(error.message, { cause: error });
    if (error instanceof BadJobFile)
      throw new BadPlan(
        error.message
          .split("\n")
          .map((line) => `- ${code(line)}`)
          .join("\n"),
        { cause: error },
      );
    throw error;
  }
}

export const planOf = ({ plan }: SuiteRow): Plan => (plan === null ? [] : (JSON.parse(plan) as Plan));

/** What a run's job file says. It was read once, when the plan was loaded. */
export function jobFileOf({ id, content, path }: Pick<RunRow, "id" | "content" | "path">): JobFile {
  if (content === null) throw new Error(`run ${id} has no job file`);
  return parseJobFile(content, path ?? "");
}
