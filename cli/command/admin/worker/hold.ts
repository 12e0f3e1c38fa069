import { UsageError } from "../../../../core/common/command/failure.ts";
import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

const SHORTEST = 8;

export default defineCommand({
  args: ["WORKER..."],
  options: { reason: { short: "r", value: "TEXT", required: true, about: "why, for your colleagues" } },
  help: "A held machine gets no job and is not destroyed, until it is released.",
  async run(context, ids, { reason }) {
    const text = reason.trim();
    if (text.length < SHORTEST) throw new UsageError(`--reason "${text}": say a little more, at least ${SHORTEST} characters`);
    const workers = ids.map((id) => checkId(id, "worker"));
    for (const worker of workers) await context.admin().call("worker_hold_mark", { path: { worker }, body: { reason: text } });
    if (context.json) await context.out.json({ held: workers });
  },
});
