import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

export default defineCommand({
  args: ["JOB", "NAME", "[VALUE]"],
  options: { secret: { short: "s", about: "tell it to the job alone, and mask it in the log" } },
  help: "Without VALUE it is read from standard input; one newline at its end is left out if it is the only one.",
  async run(context, [job, name = "", given], { secret }) {
    const id = checkId(job, "job");
    const value = given ?? oneLine(await Bun.stdin.text());
    await context.user().call("job_store_put", { path: { job: id, name }, body: { secret, value } });
    if (context.json) await context.out.json({ name, secret });
  },
});

/** `echo VALUE |` means VALUE; of several lines the last newline is theirs. */
const oneLine = (text: string) => (text.indexOf("\n") === text.length - 1 ? text.slice(0, -1) : text);
