import { attemptLines } from "../../../core/client/phases.ts";
import { defineCommand } from "../../command.ts";
import { costLines } from "../../cost.ts";
import { checkId } from "../../ids.ts";

const IN_WORDS: Record<string, string> = { completed: "The job has completed", failed: "The job has failed" };

export default defineCommand({
  args: ["JOB"],
  options: {},
  help: "Says in plain words what a job waits for, or why it has ended, and what took how long and cost how much.",
  async run(context, [id]) {
    const job = await context.user().call("job_get", { path: { job: checkId(id, "job") } });
    const { state, waiting_for = [], cost = null } = job;
    const reason = job.attempts?.at(-1)?.reason ?? null;
    const phases = job.attempts?.at(-1)?.phases ?? null;
    if (context.json) return await context.out.json({ state, waiting_for, reason, phases, cost });
    const said = IN_WORDS[state] ?? `The job is ${state}`;
    const because = reason?.replace(/^job (completed|failed)(: )?/, "");
    await context.out.line(because ? `${said}: ${because}` : `${said}.`);
    await context.out.lines([...waiting_for, ...attemptLines(job), ...costLines(cost)].map((what) => `    ${what}`));
  },
});
