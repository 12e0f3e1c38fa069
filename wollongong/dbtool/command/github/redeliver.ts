import { UsageError } from "../../../../core/common/command/failure.ts";
import { secondsOf } from "../../../../core/common/duration.ts";
import { markBehind } from "../../../check/behind.ts";
import { defineCommand } from "../../command.ts";
import { webhooksSince } from "../../webhooks.ts";

export default defineCommand({
  options: {
    since: {
      value: "TIME",
      about: "none that is older than this instant, or than 2h or 1d (default: all that GitHub still has)",
    },
  },
  help:
    "Has GitHub send again whatever is not in the database, because the server was down or its database comes from a backup. " +
    "GitHub keeps webhooks for 3 days. It may be repeated: what has come meanwhile is not asked for again.",
  async run(context, _, { since }) {
    const { app } = context.github();
    const db = context.db();
    const known = db.query<{ uuid: string }, [string]>("SELECT uuid FROM delivery WHERE uuid = ?");
    const attempts = await Array.fromAsync(webhooksSince(app, instantOf(since, context.world.now())));
    // In the order in which they first came.
    const missing = new Map(attempts.reverse().map((attempt) => [attempt.guid, attempt]));
    for (const guid of missing.keys()) if (known.get(guid)) missing.delete(guid);
    // One that was taken in, and is not here: the database is older than that.
    const behind = [...missing.values()].some(({ status_code }) => status_code === 200);
    if (behind) markBehind(context.writable(), context.world.now());
    for (const { id, guid, event, action, delivered_at } of missing.values()) {
      await app.request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: Number(id) });
      const words = [String(id).padEnd(16), delivered_at, event, action ?? ""].join(" ").trimEnd();
      await context.out.line(context.json ? JSON.stringify({ id, guid, event, action, delivered_at }) : words);
    }
    context.out.note(`${missing.size} webhooks are sent again`);
  },
});

/** @throws UsageError */
function instantOf(text: string | undefined, now: number): number {
  if (text === undefined) return 0;
  const seconds = secondsOf(text);
  const instant = seconds === undefined ? Date.parse(text) : now - seconds * 1000;
  if (Number.isNaN(instant))
    throw new UsageError(`"${text}" is not a time: expected 2026-01-31T02:00:00Z, or 2h for two hours ago`);
  return instant;
}
