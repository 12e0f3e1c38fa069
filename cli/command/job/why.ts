import { defineCommand } from "../../command.ts";
import { checkId } from "../../ids.ts";

export default defineCommand({
  args: ["JOB"],
  options: {},
  help: "Says in plain words what a job waits for, or why it has ended.",
  async run(context, [id]) {
    const job = await context.user().call("job_get", { path: { job: checkId(id, "job") } });
    const { state, waiting_for = [] } = job;
    const reason = job.attempts?.at(-1)?.reason ?? null;
    if (context.json) return await context.out.json({ state, waiting_for, reason });
    await context.out.line(reason === null ? `The job is ${state}.` : `The job is ${state}: ${reason}`);
    await context.out.lines(waiting_for.map((what) => `    ${what}`));
  },
});
