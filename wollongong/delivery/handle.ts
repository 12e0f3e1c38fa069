import { learnInstall } from "../account/installs.ts";
import { learnRepository } from "../account/repositories.ts";
import { learnUser } from "../account/users.ts";
import type { Wollongong } from "../wollongong.ts";
import { requestedAction, rerequestedRun } from "./handle/check-run.ts";
import { requestedSuite, rerequestedSuite } from "./handle/check-suite.ts";
import { addedRepositories, createdInstall, installBecomes } from "./handle/installation.ts";
import { queuedMergeGroup } from "./handle/merge-group.ts";
import { changedPullRequest, closedPullRequest } from "./handle/pull-request.ts";
import { deletedRepository } from "./handle/repository.ts";
import type { Payload } from "./payload.ts";

/**
 * What a webhook changes, in our database alone: what GitHub or the core must be asked belongs to a check suite's work. Part of
 * the caller's transaction.
 *
 * @returns what was done, in a few words @throws Meaningless when there is nothing that could be done
 */
type Handler = (wo: Wollongong, payload: Payload) => string;

const HANDLERS: Readonly<Record<string, Handler>> = {
  "check_run requested_action": requestedAction,
  "check_run rerequested": rerequestedRun,
  "check_suite requested": requestedSuite,
  "check_suite rerequested": rerequestedSuite,
  "installation created": createdInstall,
  "installation deleted": installBecomes("deleted"),
  "installation new_permissions_accepted": installBecomes("active"),
  "installation suspend": installBecomes("suspended"),
  "installation unsuspend": installBecomes("active"),
  "installation_repositories added": addedRepositories,
  "merge_group checks_requested": queuedMergeGroup,
  "pull_request closed": closedPullRequest,
  "pull_request opened": changedPullRequest,
  "pull_request reopened": changedPullRequest,
  "pull_request synchronize": changedPullRequest,
  "repository deleted": deletedRepository,
};

/** Of these, what they tell of accounts and repositories is all that we want. */
const HEARD = new Set(["create", "delete", "public", "push", "repository", "check_run", "check_suite", "pull_request"]);

/** @returns a note for whoever looks at the delivery */
export function handle(wo: Wollongong, event: string, payload: Payload): string {
  const name = payload.action === undefined ? event : `${event} ${payload.action}`;
  learn(wo, name, payload);
  const handler = HANDLERS[name];
  if (handler) return handler(wo, payload);
  return HEARD.has(event) || event === "ping" ? "nothing to do" : `not an event that we use: ${name}`;
}

/** Any payload may be the first to tell of its sender, its repository and its installation. */
function learn(wo: Wollongong, name: string, { sender, repository, installation }: Payload): void {
  if (sender) learnUser(wo, sender);
  if (!repository || name === "repository deleted") return;
  learnRepository(wo, repository);
  if (!installation) return;
  const { id, login, type } = repository.owner;
  learnUser(wo, { id, login, type: type ?? "Organization" });
  learnInstall(wo, installation.id, id);
}
