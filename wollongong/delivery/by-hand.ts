import type { Database } from "bun:sqlite";

/** What an operator does to a delivery while the server runs or not; the server looks for such now and then. */
export function putBack(db: Database, seq: number, now: number): void {
  db.query("UPDATE delivery SET ack = NULL, note = NULL, error = NULL, tries = 0, quarantined = 0, due = ? WHERE seq = ?").run(
    now,
    seq,
  );
}

/** @param reason kept as its note */
export function acknowledgeByHand(db: Database, seq: number, reason: string): void {
  db.query("UPDATE delivery SET ack = 1, note = ?, quarantined = 0 WHERE seq = ?").run(reason, seq);
}
