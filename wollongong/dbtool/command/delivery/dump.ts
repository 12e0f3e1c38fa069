import { parsed } from "../../checks.ts";
import { defineCommand } from "../../command.ts";
import { deliveriesOf } from "../../deliveries.ts";

export default defineCommand({
  args: ["SEQ..."],
  options: { whole: { short: "x", about: "the whole record, with headers and what became of it" } },
  async run(context, words, { whole }) {
    const rows = deliveriesOf(context.db(), words).map(({ headers, payload, ...row }) => ({
      ...row,
      headers: parsed(headers),
      payload: parsed(payload),
    }));
    const shown = whole ? rows : rows.map(({ seq, event, payload }) => ({ seq, event, payload }));
    if (context.json) return await context.out.json(shown);
    for (const row of rows)
      await context.out.lines([
        `delivery: sequence ${row.seq} event ${JSON.stringify(row.event)}`,
        JSON.stringify(whole ? row : row.payload, null, 2),
      ]);
  },
});
