import { learnRepository } from "../../account/repositories.ts";
import { ensureSuite } from "../../check/ensure-suite.ts";
import { cancelSuperseded } from "../../check/supersede.ts";
import type { Wollongong } from "../../wollongong.ts";
import { Meaningless, need, type Payload } from "../payload.ts";
import { served } from "./served.ts";

/** A pull request has a new commit: its own suite, or that of the push that brought it. */
export function changedPullRequest(wo: Wollongong, payload: Payload): string {
  const { repository, install } = served(wo, payload);
  const { number, head, base } = need(payload.pull_request, "pull_request");
  // GitHub leaves them out now and then, as for a fork that was deleted.
  if (!head.repo || !base.repo) throw new Meaningless("the pull request lacks a repository");
  if (base.repo.id !== repository.id) throw new Meaningless("the pull request is against another repository");
  learnRepository(wo, head.repo);
  const suite = ensureSuite(wo, {
    repo: repository.id,
    install,
    sha: head.sha,
    branch: head.repo.id === repository.id ? head.ref : undefined,
    pr: { number, base: base.sha },
    prBy: payload.sender?.id,
  });
  return `suite ${suite}`;
}

/** What runs for its commits is of no use any more to those who said so in their job files. */
export function closedPullRequest(wo: Wollongong, payload: Payload): string {
  const { repository } = served(wo, payload);
  const { number } = need(payload.pull_request, "pull_request");
  const cancelled = cancelSuperseded(wo, { repo: repository.id, pr: number, why: `pull request ${number} was closed` });
  return cancelled === 0 ? "nothing to do" : `${cancelled} runs are cancelled`;
}
