import { defineCommand } from "../../../command.ts";

export default defineCommand({
  options: {},
  help: "Factories get jobs again.",
  async run(context) {
    await context.admin().call("control_resume", {});
    if (context.json) await context.out.json({ held: false });
  },
});
