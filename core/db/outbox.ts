import type { Database } from "bun:sqlite";
import { Type } from "@sinclair/typebox";
import type { Logger } from "../common/logger.ts";
import { orNull } from "../common/sqlite/column.ts";
import type { Logs } from "../log/logs.ts";

/** A control event on its way into a log, which is a file of its own. `number` counts the events for that log from 1. */
export const OutboxRow = Type.Object({
  id: Type.Integer(),
  log: Type.String(),
  number: Type.Integer(),
  task: orNull(Type.Integer()),
  text: Type.String(),
});

export const OutboxCountRow = Type.Object({ log: Type.String(), last: Type.Integer() });

export const tables = { outbox: OutboxRow, outbox_count: OutboxCountRow };

interface Letter {
  id: number;
  log: string;
  number: number;
  task: number | null;
  text: string;
}

/**
 * Carries control events into the logs. Two SQLite files cannot commit together: an event is a row of core.sqlite first, in
 * the transaction that it tells of, and is carried to its log afterwards. The log's cursor for the source `core` drops what
 * it has already, so carrying again after a crash doubles nothing.
 */
export class Outbox {
  readonly #db: Database;
  readonly #logs: Pick<Logs, "append">;
  readonly #logger: Logger;
  /** Written, but not in their logs yet; oldest first. */
  #waiting: Letter[];
  /** Rows that are in their logs; they are deleted along with a later change, to save a flush of their own. */
  #carried: number[] = [];
  /** The open transaction deletes them. */
  #dropping = false;

  constructor(db: Database, logs: Pick<Logs, "append">, logger: Logger) {
    this.#db = db;
    this.#logs = logs;
    this.#logger = logger;
    this.#waiting = db.query<Letter, []>("SELECT id, log, number, task, text FROM outbox ORDER BY id").all();
    this.carry();
  }

  /** Adds a control event to the transaction that is open. */
  write(log: string, text: string, task: number | null = null): void {
    const { last } = this.#db
      .query<{ last: number }, [string]>(
        "INSERT INTO outbox_count (log, last) VALUES (?, 1) ON CONFLICT (log) DO UPDATE SET last = last + 1 RETURNING last",
      )
      .get(log) ?? { last: 1 };
    if (this.#carried.length > 0)
      this.#db.query("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))").run(JSON.stringify(this.#carried));
    this.#dropping = true;
    const { id } = this.#db
      .query<{ id: number }, [string, number, number | null, string]>(
        "INSERT INTO outbox (log, number, task, text) VALUES (?, ?, ?, ?) RETURNING id",
      )
      .get(log, last, task, text) ?? { id: 0 };
    this.#waiting.push({ id, log, number: last, task, text });
  }

  /** Runs the outermost transaction, then carries what it wrote; nothing if it threw. */
  deliverAfter<T>(transaction: () => T): T {
    this.#dropping = false;
    const result = this.undoIfThrown(transaction);
    if (this.#dropping) this.#carried = [];
    this.carry();
    return result;
  }

  /** Runs a part of the open transaction, which is rolled back alone if it throws. */
  undoIfThrown<T>(part: () => T): T {
    const before = this.#waiting.length;
    try {
      return part();
    } catch (error) {
      this.#waiting.length = before;
      throw error;
    }
  }

  /** Whether a log has all its control events. */
  isDelivered(log: string): boolean {
    return !this.#waiting.some((letter) => letter.log === log);
  }

  /**
   * Forgets the count of a log that nothing will be written to again, and what it has: the next process must not carry that
   * again, as the log may be gone by then. Part of the open transaction.
   */
  close(log: string): void {
    this.#db.query("DELETE FROM outbox_count WHERE log = ?").run(log);
    if (this.isDelivered(log)) this.#db.query("DELETE FROM outbox WHERE log = ?").run(log);
  }

  /** Takes what is waiting to the logs. One that cannot be written to, as on a full disk, gets its events when it is tried again. */
  carry(): void {
    const blocked = new Set<string>();
    const left: Letter[] = [];
    for (const letter of this.#waiting) {
      if (!blocked.has(letter.log) && this.#deliver(letter)) continue;
      blocked.add(letter.log);
      left.push(letter);
    }
    this.#waiting = left;
  }

  #deliver({ id, log, number, task, text }: Letter): boolean {
    try {
      const batch = { source: "core", events: [{ stream: "control", time: null, payload: text, task }] };
      const { next } = this.#logs.append(log, { ...batch, first: number });
      // Nobody else writes as `core`: a log that wants an earlier event has lost some, in a power cut or with its file.
      if (next <= number) this.#logs.append(log, { ...batch, first: next });
      this.#carried.push(id);
      return true;
    } catch (error) {
      this.#logger.error("cannot write a control event to its log; will try again", { log, error });
      return false;
    }
  }
}
