import { defineCommand } from "../../command.ts";
import { checkId } from "../../ids.ts";
import { outputOf } from "../../outputs.ts";

const HOUR = 3600;

export default defineCommand({
  args: ["JOB", "SRC"],
  options: { verbose: { short: "x", about: "print size and availability too" } },
  help: "Prints an address under which anybody can read an output for an hour. SRC is the path of an output.",
  async run(context, [id, source = ""], { verbose }) {
    const job = checkId(id, "job");
    const { id: output } = await outputOf(context, job, source);
    const body = { expiry_seconds: HOUR, content_type: "text/plain" };
    const signed = await context.user().call("job_output_signed_url", { path: { job, output }, body });
    if (context.json) return await context.out.json(signed);
    const { url, size, available } = signed;
    await context.out.lines(verbose ? [`url:       ${url}`, `size:      ${size}`, `available: ${available}`] : [url]);
  },
});
