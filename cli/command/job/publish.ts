import { defineCommand } from "../../command.ts";
import { checkId } from "../../ids.ts";
import { outputOf } from "../../outputs.ts";

export default defineCommand({
  args: ["JOB", "SRC", "SERIES", "VERSION", "NAME"],
  options: {},
  help: [
    "Gives an output of a job that is over a public address, for ever: /0/public/file/USER/SERIES/VERSION/NAME.",
    "SERIES, VERSION and NAME have 2 to 48 characters of A-Z a-z 0-9 . _ -",
  ].join("\n"),
  async run(context, [id, source = "", series = "", version = "", name = ""]) {
    const job = checkId(id, "job");
    const client = context.user();
    const { id: output } = await outputOf(context, job, source);
    await client.call("job_output_publish", { path: { job, output }, body: { series, version, name } });
    const user = await client.call("whoami", {});
    const path = [user.name, series, version, name].map(encodeURIComponent).join("/");
    const url = `${context.profile().url}/0/public/file/${path}`;
    await (context.json ? context.out.json({ url }) : context.out.line(url));
  },
});
