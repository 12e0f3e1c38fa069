import { defineCommand, wholeNumber } from "../../command.ts";

export default defineCommand({
  args: ["DELIVERY"],
  options: {},
  help: "DELIVERY is the number that `github webhooks` shows. One that was stored here before is not handled again: see `del unack`.",
  async run(context, [number]) {
    const delivery_id = wholeNumber(number, "the number of a delivery");
    await context.github().app.request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id });
    if (context.json) await context.out.json({ again: delivery_id });
  },
});
