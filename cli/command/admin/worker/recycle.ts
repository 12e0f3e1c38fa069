import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

export default defineCommand({
  args: ["WORKER..."],
  options: {},
  help: "The machine is destroyed; a job that runs on it is lost with it.",
  async run(context, ids) {
    const workers = ids.map((id) => checkId(id, "worker"));
    for (const worker of workers) await context.admin().call("worker_recycle", { path: { worker } });
    if (context.json) await context.out.json({ recycled: workers });
  },
});
