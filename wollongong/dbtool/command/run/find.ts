import { UsageError } from "../../../../core/common/command/failure.ts";
import type { RunRow, SuiteRow } from "../../../check/table.ts";
import { repositoriesNamed } from "../../checks.ts";
import { defineCommand, wholeNumber } from "../../command.ts";

type Found = Pick<RunRow, "id" | "name" | "job"> & Pick<SuiteRow, "head_sha" | "plan_sha" | "repo"> & { suite: string };

export default defineCommand({
  args: ["OWNER", "REPO", "CHECKRUN"],
  options: {},
  help: "CHECKRUN is GitHub's number.",
  async run(context, [owner = "", name = "", number]) {
    const db = context.db();
    const id = wholeNumber(number, "the number of a check run");
    const repositories = new Set(repositoriesNamed(db, owner, name));
    const found = db
      .query<Found, [number]>(
        `SELECT r.id, r.name, r.job, s.id AS suite, s.head_sha, s.plan_sha, s.repo FROM check_run r
         JOIN check_suite s ON s.id = r.check_suite WHERE r.github_id = +?`,
      )
      .all(id)
      .filter(({ repo }) => repositories.has(repo));
    if (found.length === 0) throw new UsageError(`${owner}/${name} has no check run ${id}`);
    if (context.json) return await context.out.json(found);
    for (const [i, run] of found.entries())
      await context.out.lines([
        ...(i > 0 ? [""] : []),
        `SUITE ${run.suite} RUN ${run.id}`,
        `    NAME ${JSON.stringify(run.name)}`,
        `    HEAD ${run.head_sha}`,
        ...(run.plan_sha === null ? [] : [`    PLAN ${run.plan_sha}`]),
        ...(run.job === null ? [] : [`    BUILDOMAT JOB ${run.job} (gong-${run.repo})`]),
      ]);
  },
});
