import { defineCommand } from "../command.ts";

export default defineCommand({
  options: { verbose: { short: "v", about: "say what was found" } },
  help: "Reads the configuration, and speaks to nobody.",
  async run(context, _, { verbose }) {
    const { name, url } = context.profile();
    if (context.json) await context.out.json({ profile: name ?? null, url });
    else if (verbose) await context.out.lines([`profile: ${name ?? "from environment"}`, `core:    ${url}`]);
  },
});
