import { userById } from "../account/users.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { isOneOfOwners } from "./authorise.ts";
import { tell } from "./chronicle.ts";
import { flushRuns } from "./flush.ts";
import { BadPlan, loadPlan, type Plan } from "./plan.ts";
import { type Policy, readPolicy } from "./policy.ts";
import { finishRun } from "./run-state.ts";
import { activeRunNamed, CONTROL, ensureRun, replaceRun } from "./runs.ts";
import { getSuite } from "./suite.ts";
import { moveSuite } from "./suite-state.ts";
import type { Conclusion, RunRow, SuiteRow } from "./table.ts";
import type { Work } from "./work.ts";

type Enabled = Extract<Policy, { kind: "enabled" }>;

/** From a commit to its plan: may it be checked, and by which jobs. */
export async function buildSuite(wo: Wollongong, work: Work): Promise<void> {
  const { suite, github } = work;
  const { confroot } = wo.config;
  const policy = await readPolicy(github, confroot);
  if (policy.kind === "disabled") return change(wo, () => moveSuite(wo, suite.id, "retire"));
  await knowSuite(wo, work);
  if (policy.kind === "bad")
    return await park(wo, work, "failure", `The configuration of the default branch cannot be used: ${policy.why}`);
  const by = await admittedBy(wo, work, policy);
  if (policy.orgOnly && by === null && suite.merge_group === 0)
    return await park(wo, work, "action_required", needsApproval(wo, suite), "auth");
  try {
    const plan = await loadPlan(github, confroot, suite.head_sha);
    change(wo, () => planned(wo, suite, plan));
  } catch (error) {
    if (!(error instanceof BadPlan)) throw error;
    await park(wo, work, "failure", `The plan could not be loaded.\n\n${error.message}`);
  }
}

/** Of a pull request, GitHub's suite may be there or not. */
async function knowSuite(wo: Wollongong, { suite, github }: Work): Promise<void> {
  if (suite.github_id !== null) return;
  suite.github_id = await github.ensureSuite(suite.head_sha, wo.config.id);
  change(wo, () => wo.db.query("UPDATE check_suite SET github_id = ? WHERE id = ?").run(suite.github_id, suite.id));
}

/** The user for whose sake the suite is admitted, kept with it; null for outsiders. */
async function admittedBy(wo: Wollongong, work: Work, { allowUsers }: Enabled): Promise<number | null> {
  const { suite } = work;
  if (suite.approved_by !== null) return suite.approved_by;
  for (const user of [suite.requested_by, suite.pr_by]) {
    if (user === null) continue;
    const login = userById(wo, user)?.login;
    if ((login !== undefined && allowUsers.includes(login)) || (await isOneOfOwners(wo, work, user))) {
      change(wo, () => {
        wo.db.query("UPDATE check_suite SET approved_by = ? WHERE id = ?").run(user, suite.id);
        tell(wo, suite.id, null, `It is admitted for the sake of ${login}.`);
      });
      return user;
    }
  }
  return null;
}

function needsApproval(wo: Wollongong, { pr_by, requested_by }: SuiteRow): string {
  const who = userById(wo, requested_by ?? pr_by ?? 0)?.login;
  return `Authorisation is required: ${who === undefined ? "whoever made this change" : `\`${who}\``} is not a member of the organisation that owns this repository. A member can press **Authorise**, after a look at the change: it decides what runs.`;
}

/** The suite waits for somebody, and its control run says for what. */
async function park(wo: Wollongong, work: Work, conclusion: Conclusion, story: string, action?: "auth"): Promise<void> {
  const { suite } = work;
  change(wo, () => {
    concludeControl(wo, suite.id, conclusion, story, action);
    wo.db.query("UPDATE check_suite SET plan = NULL, plan_sha = NULL WHERE id = ?").run(suite.id);
    moveSuite(wo, suite.id, "park");
  });
  await flushRuns(wo, { ...work, suite: getSuite(wo, suite.id) });
}

function planned(wo: Wollongong, { id, head_sha }: SuiteRow, plan: Plan): void {
  const { approved_by, merge_group } = getSuite(wo, id);
  const login = approved_by === null ? undefined : userById(wo, approved_by)?.login;
  const admitted =
    merge_group === 1 ? " It comes from the merge queue." : login === undefined ? "" : ` Admitted for \`${login}\`.`;
  const { confroot } = wo.config;
  if (plan.length === 0)
    concludeControl(wo, id, "neutral", `There are no job files in \`${confroot}/jobs\` at commit ${head_sha}.`);
  else concludeControl(wo, id, "success", `The plan was loaded from commit ${head_sha}, its checks are under way.${admitted}`);
  wo.db.query("UPDATE check_suite SET plan = ?, plan_sha = ? WHERE id = ?").run(JSON.stringify(plan), head_sha, id);
  moveSuite(wo, id, "plan");
}

/** What is over stays as it is on GitHub: a control run that has said something else is replaced. */
function concludeControl(
  wo: Wollongong,
  suite: string,
  conclusion: Conclusion,
  story: string,
  action: RunRow["action"] = null,
): void {
  const known = activeRunNamed(wo, suite, CONTROL);
  if (known?.conclusion === conclusion && known.story === story) return;
  if (known?.state === "over") replaceRun(wo, known);
  finishRun(wo, ensureRun(wo, suite, { name: CONTROL, variety: "control" }).id, conclusion, story, { action });
}
