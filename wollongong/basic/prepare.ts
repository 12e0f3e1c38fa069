import { basicJob } from "../../core/jobfile/basic.ts";
import type { JobFile } from "../../core/jobfile/parse.ts";
import { BadToolchain, type Toolchain, toolchainOf } from "../../core/jobfile/toolchain.ts";
import { jobFileOf } from "../check/plan.ts";
import { finishRun, moveRun } from "../check/run-state.ts";
import { activeRunNamed } from "../check/runs.ts";
import type { Conclusion, RunRow } from "../check/table.ts";
import type { Work } from "../check/work.ts";
import { change } from "../db/change.ts";
import { BadContent, GitHubRepository } from "../github/repository.ts";
import { ungivenOf } from "../secret/secrets.ts";
import type { Wollongong } from "../wollongong.ts";
import type { Submission } from "./submit.ts";

/** A run that cannot become a job. */
class NoJob extends Error {
  readonly conclusion: Conclusion;

  constructor(conclusion: Conclusion, story: string) {
    super(story);
    this.conclusion = conclusion;
  }
}

/**
 * Writes down what the core will be given for a run, once the jobs that it depends on have been submitted. Nothing happens while
 * they have not; a run that can have no job ends with the reason.
 */
export async function prepareRun(wo: Wollongong, work: Work, run: RunRow): Promise<void> {
  try {
    const file = jobFileOf(run);
    const depends = dependsOf(wo, work, file);
    if (!depends) return;
    const extra = await extraRepositories(wo, work, file);
    const toolchain = await toolchainFor(work, file);
    const submission = submissionFor(wo, work, run, file, toolchain, depends);
    const ungiven = ungivenOf(wo, { suite: work.suite, owner: work.install.owner, names: file.secrets });
    change(wo, () =>
      moveRun(wo, run.id, "prepare", { submission: JSON.stringify(submission), extra_repos: JSON.stringify(extra), ungiven }),
    );
  } catch (error) {
    if (!(error instanceof NoJob)) throw error;
    const action = error.conclusion === "action_required" ? ("auth" as const) : null;
    change(wo, () => finishRun(wo, run.id, error.conclusion, error.message, { action }));
  }
}

type Depends = NonNullable<Submission["depends"]>;

/** @returns undefined while a job that it depends on has not been submitted @throws NoJob when one never will be */
function dependsOf(wo: Wollongong, { suite }: Work, file: JobFile): Depends | undefined {
  const depends: Depends = {};
  for (const [name, job] of Object.entries(file.dependencies)) {
    const prior = activeRunNamed(wo, suite.id, job);
    if (prior?.state === "over" && prior.job === null) {
      const { conclusion } = prior;
      const same = conclusion === "skipped" || conclusion === "cancelled" || conclusion === "action_required";
      throw new NoJob(same ? conclusion : "failure", `Dependency "${name}" (\`${job}\`) ended before it started a job.`);
    }
    if (!prior?.job) return undefined;
    depends[name] = { prior_job: prior.job, copy_outputs: true, on_completed: true, on_failed: false };
  }
  return depends;
}

/** The ids of further repositories that the job may read: those of the same owner, and only for a change that was admitted. */
async function extraRepositories(wo: Wollongong, { suite, install }: Work, { accessRepos }: JobFile): Promise<number[]> {
  if (accessRepos.length === 0) return [];
  if (suite.approved_by === null && suite.merge_group === 0)
    throw new NoJob(
      "action_required",
      "Authorisation is required: the job wants to read other repositories (`access_repos`). A member of the organisation can press **Authorise**.",
    );
  return await Promise.all(
    accessRepos.map(async (entry) => {
      const [owner = "", name = ""] = entry.split("/");
      const found = await new GitHubRepository(wo.github.as(install.id), owner, name).find();
      if (!found)
        throw new NoJob("failure", `access_repos: there is no repository \`${entry}\` that this installation can read.`);
      if (found.owner !== install.owner) throw new NoJob("failure", `access_repos: \`${entry}\` has another owner.`);
      return found.id;
    }),
  );
}

async function toolchainFor({ github, suite }: Work, { rustToolchain }: JobFile): Promise<Toolchain | undefined> {
  try {
    const text = rustToolchain === true ? await github.file("rust-toolchain.toml", suite.head_sha) : undefined;
    return toolchainOf(rustToolchain, () => text);
  } catch (error) {
    if (error instanceof BadToolchain || error instanceof BadContent) throw new NoJob("failure", error.message);
    throw error;
  }
}

function submissionFor(
  { config }: Wollongong,
  { suite, repository }: Work,
  run: RunRow,
  file: JobFile,
  toolchain: Toolchain | undefined,
  depends: Depends,
): Submission {
  const name = `${repository.owner}/${repository.name}`;
  const source = {
    from: "git",
    repository: name,
    sha: suite.head_sha,
    branch: suite.head_branch ?? undefined,
    cloneUrl: `${config.github.web_url}/${name}`,
    // Where jobs may show it: to git, and to the API.
    tokenFor: [...new Set([config.github.web_url, config.github.api_url].map((url) => new URL(url).origin))],
  } as const;
  const job = basicJob(file, source, toolchain);
  return { ...job, name: `gong/${run.id}`, depends, tags: tagsOf({ suite, repository }, run) };
}

/** They are how the core's tools and our status page find their way back. */
function tagsOf({ suite, repository }: Pick<Work, "suite" | "repository">, run: RunRow): Record<string, string> {
  const tags: Record<string, string | number | null> = {
    "gong.name": run.name,
    "gong.variety": run.variety,
    "gong.repo.owner": repository.owner,
    "gong.repo.name": repository.name,
    "gong.repo.id": repository.id,
    "gong.run.id": run.id,
    "gong.run.github_id": run.github_id,
    "gong.suite.id": suite.id,
    "gong.suite.github_id": suite.github_id,
    "gong.head.sha": suite.head_sha,
    "gong.head.branch": suite.head_branch,
    "gong.plan.sha": suite.plan_sha,
  };
  return Object.fromEntries(Object.entries(tags).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])));
}
