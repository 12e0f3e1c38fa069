import { putBack } from "../../../delivery/by-hand.ts";
import { defineCommand } from "../../command.ts";
import { deliveriesOf } from "../../deliveries.ts";

export default defineCommand({
  args: ["SEQ..."],
  options: {},
  help: "The server handles them within seconds, as if they had just come. All of them, or none where one is not there.",
  async run(context, words) {
    const db = context.writable();
    const rows = deliveriesOf(db, words);
    db.transaction(() => {
      for (const { seq } of rows) putBack(db, seq, context.world.now());
    }).immediate();
    if (context.json) await context.out.json({ unacked: rows.map(({ seq }) => seq) });
    else await context.out.lines(rows.map(({ seq }) => `unacked delivery sequence ${seq}`));
  },
});
