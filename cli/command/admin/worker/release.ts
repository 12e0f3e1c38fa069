import { UsageError } from "../../../../core/common/command/failure.ts";
import { defineCommand } from "../../../command.ts";
import type { Context } from "../../../context.ts";
import { checkId } from "../../../ids.ts";
import { workerPages } from "../../../workers.ts";

export default defineCommand({
  args: ["WORKER..."],
  options: { verbose: { short: "v", about: "say which" } },
  help: "`all`, alone, releases every machine that is held.",
  async run(context, words, { verbose }) {
    const workers = words.includes("all") ? await allHeld(context, words) : words.map((id) => checkId(id, "worker"));
    for (const worker of workers) {
      await context.admin().call("worker_hold_release", { path: { worker } });
      if (verbose) context.out.note(`released ${worker}`);
    }
    if (context.json) await context.out.json({ released: workers });
  },
});

async function allHeld(context: Context, words: readonly string[]): Promise<string[]> {
  if (words.length > 1) throw new UsageError("all: no further workers are taken beside it");
  const workers = (await Array.fromAsync(workerPages(context, { active: true }))).flat();
  return workers.filter(({ hold }) => Boolean(hold)).map(({ id }) => id);
}
