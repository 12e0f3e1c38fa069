import type { Core } from "../core.ts";

/** What a change needs of the core. */
export type Changing = Pick<Core, "db" | "wal" | "bells" | "outbox">;

/**
 * Runs `work` as one IMMEDIATE transaction, or as a part of the one that is open. What it wrote to the outbox is in the
 * logs and what it rang is heard once the whole is on disk, so that nobody wakes up to look at something that may still be
 * rolled back.
 */
export const change = <T>(core: Changing, work: () => T): T =>
  changeSoon(core, () => {
    core.wal.owe();
    return work();
  });

/**
 * The same without a flush of its own: the next `change` takes it along, the kernel after some seconds. A killed process
 * loses nothing of it, a power cut may. For what is done again or found out anew by itself: leases, and what factories tell
 * of machines.
 */
export function changeSoon<T>(core: Changing, work: () => T): T {
  const transaction = core.db.transaction(work);
  if (core.db.inTransaction) return core.outbox.undoIfThrown(transaction);
  return core.bells.hold(() =>
    core.outbox.deliverAfter(() => {
      const result = transaction.immediate();
      core.wal.settle();
      return result;
    }),
  );
}
