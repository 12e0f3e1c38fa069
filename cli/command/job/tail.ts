import { UsageError } from "../../../core/common/command/failure.ts";
import { defineCommand } from "../../command.ts";
import { printJob } from "../../following.ts";
import { checkId } from "../../ids.ts";

export default defineCommand({
  args: ["JOB"],
  options: {
    from: { value: "SEQ", about: "begin with the event of this number" },
  },
  help: [
    "Prints the log from its beginning, and what is added to it until the job is over. With --json, one event a line;",
    "the SHA-256 of all of that is the hash that the core records when the job is over.",
    "Ends with status 1 if the job failed or was cancelled.",
  ].join("\n"),
  async run(context, [job], { from }) {
    const id = checkId(job, "job");
    if (from !== undefined && !/^\d+$/.test(from)) throw new UsageError(`--from ${from}: expected the number of an event`);
    return await printJob(context, id, { from: Number(from ?? 1) });
  },
});
