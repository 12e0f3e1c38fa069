import { acknowledgeByHand } from "../../../delivery/by-hand.ts";
import { defineCommand } from "../../command.ts";
import { deliveriesOf } from "../../deliveries.ts";

export default defineCommand({
  args: ["SEQ..."],
  options: { reason: { short: "r", value: "TEXT", about: "kept with them, for your colleagues" } },
  help: "They are not handled any more.",
  async run(context, words, { reason = "acknowledged by hand" }) {
    const db = context.writable();
    const rows = deliveriesOf(db, words);
    db.transaction(() => {
      for (const { seq } of rows) acknowledgeByHand(db, seq, reason);
    }).immediate();
    if (context.json) await context.out.json({ acked: rows.map(({ seq }) => seq) });
    else await context.out.lines(rows.map(({ seq }) => `acked delivery sequence ${seq}`));
  },
});
