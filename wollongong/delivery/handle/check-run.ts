import { cancelRun } from "../../check/cancel.ts";
import { rerunRun } from "../../check/rerun.ts";
import { activeRuns, runById } from "../../check/runs.ts";
import { askApproval, suiteById } from "../../check/suite.ts";
import type { RunRow, SuiteRow } from "../../check/table.ts";
import type { Wollongong } from "../../wollongong.ts";
import { Meaningless, need, type Payload, type User } from "../payload.ts";

interface Pressed {
  run: RunRow;
  suite: SuiteRow;
  by: User;
}

type Action = (wo: Wollongong, pressed: Pressed) => string;

/** The buttons that we show on GitHub, by their identifiers. GitHub shows them to those alone who may write. */
const ACTIONS: Readonly<Record<string, Action>> = {
  auth: (wo, { run, suite, by }) => {
    if (run.action !== "auth") throw new Meaningless("it does not ask for approval");
    if (suite.approved_by !== null) throw new Meaningless("it is approved already");
    askApproval(wo, suite, by.id);
    return `${by.login} is looked up`;
  },
  cancel: (wo, { run, by }) => (cancelRun(wo, run, by.login) ? `${by.login} cancels ${run.name}` : "it has ended already"),
  cancel_all: (wo, { run, suite, by }) => {
    if (run.variety === "control") throw new Meaningless("the control run has no such button");
    const cancelled = activeRuns(wo, suite.id).filter((run) => run.variety === "basic" && cancelRun(wo, run, by.login));
    return `${by.login} cancels ${cancelled.length} runs`;
  },
};

export function requestedAction(wo: Wollongong, payload: Payload): string {
  const { identifier } = need(payload.requested_action, "requested_action");
  const action = ACTIONS[identifier];
  if (!action) throw new Meaningless(`there is no button "${identifier}"`);
  return action(wo, pressed(wo, payload));
}

/** "Re-run" of one run, or of the failed ones, of which each comes by itself. */
export function rerequestedRun(wo: Wollongong, payload: Payload): string {
  const { run, suite } = pressed(wo, payload);
  if (run.active === 0) throw new Meaningless("it was replaced by a newer run already");
  rerunRun(wo, suite, run);
  return `${run.name} is run again`;
}

function pressed(wo: Wollongong, payload: Payload): Pressed {
  const { id, external_id } = need(payload.check_run, "check_run");
  const run = external_id ? runById(wo, external_id) : null;
  const suite = run && suiteById(wo, run.check_suite);
  if (!run || !suite || suite.repo !== payload.repository?.id) throw new Meaningless(`check run ${id} is not known`);
  return { run, suite, by: need(payload.sender, "sender") };
}
