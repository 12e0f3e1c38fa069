import { UsageError } from "../../../../core/common/command/failure.ts";
import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

export default defineCommand({
  args: ["JOB", "NAME"],
  options: {},
  async run(context, [job, name = ""]) {
    const values = await context.user().call("job_store_get_all", { path: { job: checkId(job, "job") } });
    const found = Object.hasOwn(values, name) ? values[name] : undefined;
    if (!found) throw new UsageError(`the job has no value ${name}`);
    if (found.secret || typeof found.value !== "string")
      throw new UsageError(`${name} is secret: only the job itself can read it`);
    if (context.json) await context.out.json({ name, value: found.value });
    else await context.out.line(found.value.replace(/\n$/, ""));
  },
});
