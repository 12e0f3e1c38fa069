import { ensureSuite } from "../../check/ensure-suite.ts";
import { rebuildSuite } from "../../check/rerun.ts";
import { suiteByGitHub } from "../../check/suite.ts";
import type { Wollongong } from "../../wollongong.ts";
import { Meaningless, need, type Payload } from "../payload.ts";
import { served } from "./served.ts";

const NOTHING = /^0+$/;

/** GitHub made a suite for what was pushed. */
export function requestedSuite(wo: Wollongong, payload: Payload): string {
  const { repository, install } = served(wo, payload);
  const { id, head_sha, head_branch, before } = ownSuite(wo, payload);
  const suite = ensureSuite(wo, {
    repo: repository.id,
    install,
    sha: head_sha,
    githubId: id,
    branch: head_branch ?? undefined,
    // A branch that is new has nothing to be measured against.
    base: before && !NOTHING.test(before) ? before : undefined,
    requestedBy: payload.sender?.id,
  });
  return `suite ${suite}`;
}

/** "Re-run all checks". */
export function rerequestedSuite(wo: Wollongong, payload: Payload): string {
  const { repository } = served(wo, payload);
  const { id } = ownSuite(wo, payload);
  const suite = suiteByGitHub(wo, repository.id, id);
  if (!suite) throw new Meaningless(`check suite ${id} is not known`);
  rebuildSuite(wo, suite);
  return `suite ${suite.id} is run again`;
}

/** GitHub tells of the suites of other Apps too. @throws Meaningless */
function ownSuite({ config }: Wollongong, payload: Payload) {
  const suite = need(payload.check_suite, "check_suite");
  if (suite.app.id !== config.id) throw new Meaningless(`the check suite belongs to another App (${suite.app.id})`);
  return suite;
}
