import type { Core } from "../core.ts";

/**
 * Runs `work` as one IMMEDIATE transaction, or as a part of the one that is open. What it wrote to the outbox is in the
 * logs and what it rang is heard once the whole is on disk, so that nobody wakes up to look at something that may still be
 * rolled back.
 */
export function change<T>(core: Pick<Core, "db" | "bells" | "outbox">, work: () => T): T {
  const transaction = core.db.transaction(work);
  if (core.db.inTransaction) return core.outbox.undoIfThrown(transaction);
  return core.bells.hold(() => core.outbox.deliverAfter(() => transaction.immediate()));
}
