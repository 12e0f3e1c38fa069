import { defineCommand, wholeNumber } from "../../command.ts";
import { webhooksSince } from "../../webhooks.ts";

const DAY = 24 * 3600_000;

export default defineCommand({
  options: {
    count: { short: "N", value: "COUNT", about: "at most so many (default: 100)" },
    days: { short: "D", value: "DAYS", about: "none that is older" },
  },
  help: "Number, time, R if it was sent again, status and what it means; the newest first.",
  async run({ github, json, out, world }, _, { count = "100", days }) {
    let left = wholeNumber(count, "a number of webhooks");
    const oldest = days === undefined ? 0 : world.now() - wholeNumber(days, "a number of days") * DAY;
    if (left === 0) return;
    for await (const attempt of webhooksSince(github().app, oldest)) {
      const { id, delivered_at, redelivery, status_code, status } = attempt;
      const words = `${String(id).padEnd(16)} ${delivered_at} ${redelivery ? "R" : "-"} ${status_code} ${status}`;
      await out.line(json ? JSON.stringify(attempt) : words);
      if (--left === 0) return;
    }
  },
});
