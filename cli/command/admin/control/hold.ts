import { defineCommand } from "../../../command.ts";

export default defineCommand({
  options: {},
  help: "Factories get no more jobs until it is resumed, also after a restart. Jobs that run go on.",
  async run(context) {
    await context.admin().call("control_hold", {});
    if (context.json) await context.out.json({ held: true });
  },
});
