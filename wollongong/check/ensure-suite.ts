import { newToken } from "../../core/common/world.ts";
import type { Wollongong } from "../wollongong.ts";
import { tell } from "./chronicle.ts";
import { activeRuns } from "./runs.ts";
import { getSuite, wakeSuite } from "./suite.ts";
import { moveSuite } from "./suite-state.ts";

const URL_KEY = 48;

/** What a webhook tells of a commit that is to be checked. */
export interface Commit {
  repo: number;
  install: number;
  sha: string;
  githubId?: number;
  branch?: string | undefined;
  base?: string | undefined;
  pr?: { number: number; base: string };
  mergeGroup?: boolean;
  prBy?: number | undefined;
  requestedBy?: number | undefined;
}

/**
 * The suite of a commit, made where it is missing; what was not known of it yet is filled in, in whichever order push and pull
 * request come. GitHub has one suite for a commit and App. Part of the caller's transaction.
 *
 * @returns its id
 */
export function ensureSuite(wo: Wollongong, commit: Commit): string {
  const { db, world } = wo;
  const { repo, install, sha, githubId = null, branch = null, base = null, pr, mergeGroup = false } = commit;
  const known = db
    .query<{ id: string }, [number, string]>("SELECT id FROM check_suite WHERE repo = ? AND head_sha = ?")
    .get(repo, sha);
  const id = known?.id ?? world.id();
  if (!known)
    db.query(
      "INSERT INTO check_suite (id, repo, install, head_sha, state, url_key, time_create) VALUES (?, ?, ?, ?, 'created', ?, ?)",
    ).run(id, repo, install, sha, newToken(world, URL_KEY), world.now());
  if (!known) tell(wo, id, null, `A webhook told of commit ${sha}.`);
  db.query(
    `UPDATE check_suite SET install = ?, github_id = coalesce(github_id, ?), head_branch = coalesce(head_branch, ?),
       base_sha = coalesce(?, base_sha), pr = coalesce(pr, ?), merge_group = max(merge_group, ?),
       pr_by = coalesce(pr_by, ?), requested_by = coalesce(requested_by, ?) WHERE id = ?`,
  ).run(
    install,
    githubId,
    branch,
    // A pull request is measured against its base, whatever the last push brought.
    pr?.base ?? (known ? null : base),
    pr?.number ?? null,
    Number(mergeGroup),
    commit.prBy ?? null,
    commit.requestedBy ?? null,
    id,
  );
  if (!known || stillToBeAuthorised(wo, id)) wakeSuite(wo, id);
  return id;
}

/** A suite that was parked for want of rights may be admitted for the sake of another sender. */
function stillToBeAuthorised(wo: Wollongong, id: string): boolean {
  const suite = getSuite(wo, id);
  const needsAuth = activeRuns(wo, id).some(({ action }) => action === "auth");
  if (suite.state === "parked" && suite.approved_by === null && needsAuth) moveSuite(wo, id, "rebuild");
  return needsAuth;
}
