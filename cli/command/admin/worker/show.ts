import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

export default defineCommand({
  args: ["WORKER"],
  options: {},
  async run(context, [id]) {
    const worker = await context.admin().call("worker", { path: { worker: checkId(id, "worker") } });
    await (context.json ? context.out.json(worker) : context.out.line(Bun.inspect(worker, { depth: 8 })));
  },
});
