import type { InstallRow, RepositoryRow } from "../account/table.ts";
import type { GitHubRepository } from "../github/repository.ts";
import type { SuiteRow } from "./table.ts";

/** A suite at work, with what belongs to it. */
export interface Work {
  suite: SuiteRow;
  repository: RepositoryRow;
  install: InstallRow;
  github: GitHubRepository;
}
