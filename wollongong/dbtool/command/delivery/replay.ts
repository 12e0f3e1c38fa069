import { EXIT } from "../../../../core/common/command/failure.ts";
import { putBack } from "../../../delivery/by-hand.ts";
import type { DeliveryRow } from "../../../delivery/table.ts";
import { defineCommand } from "../../command.ts";
import { deliveriesOf } from "../../deliveries.ts";

const LOOK = 100;
const PATIENCE = 15_000;

export default defineCommand({
  args: ["SEQ"],
  options: {},
  help: "Puts the delivery back and says what the server makes of it. Ends with status 1 if that fails.",
  async run(context, words) {
    const { out, signal, world } = context;
    const db = context.writable();
    const [row] = deliveriesOf(db, words);
    const seq = row?.seq ?? 0;
    putBack(db, seq, world.now());
    const end = world.now() + PATIENCE;
    for (;;) {
      const now = db.query<DeliveryRow, [number]>("SELECT * FROM delivery WHERE seq = ?").get(seq);
      if (now?.ack != null || now?.error != null) {
        const outcome = { seq, ack: now.ack, note: now.note, error: now.error };
        if (context.json) await out.json(outcome);
        else await out.line(now.ack === null ? `delivery ${seq} failed: ${now.error}` : `delivery ${seq}: ${now.note}`);
        return now.ack === null ? EXIT.jobFailed : EXIT.ok;
      }
      if (world.now() > end || signal.aborted) {
        out.note(`delivery ${seq} is put back, but nobody has handled it yet: is wollongong-server running?`);
        return EXIT.server;
      }
      await world.sleep(LOOK, signal);
    }
  },
});
