import type { Wollongong } from "../wollongong.ts";

type Changing = Pick<Wollongong, "db" | "wal" | "bells">;

/**
 * Runs `work` as one IMMEDIATE transaction that is on disk afterwards, or as a part of the one that is open. What it rings is
 * heard once it is.
 */
export function change<T>({ db, wal, bells }: Changing, work: () => T): T {
  const transaction = db.transaction(work);
  if (db.inTransaction) return transaction();
  return bells.hold(() => {
    wal.owe();
    const result = transaction.immediate();
    wal.settle();
    return result;
  });
}
