import { defineCommand } from "../../command.ts";
import { checkId } from "../../ids.ts";

export default defineCommand({
  args: ["JOB"],
  options: {},
  async run(context, [job]) {
    await context.user().call("job_cancel", { path: { job: checkId(job, "job") } });
    if (context.json) await context.out.json({ cancelled: true });
  },
});
