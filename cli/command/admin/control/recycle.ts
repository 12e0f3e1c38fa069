import { defineCommand } from "../../../command.ts";

export default defineCommand({
  options: {},
  help: "Every machine is destroyed and made anew when it is needed; jobs that run are lost with theirs.",
  async run(context) {
    await context.admin().call("workers_recycle", {});
    if (context.json) await context.out.json({ recycled: "all" });
  },
});
