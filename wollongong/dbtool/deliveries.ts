import type { Database } from "bun:sqlite";
import { UsageError } from "../../core/common/command/failure.ts";
import type { DeliveryRow } from "../delivery/table.ts";
import { wholeNumber } from "./command.ts";

/** The deliveries of these numbers, in the order given. @throws UsageError where one is not there: then nothing is done to any */
export function deliveriesOf(db: Database, words: readonly string[]): DeliveryRow[] {
  const numbers = words.map((word) => wholeNumber(word, "the sequence number of a delivery"));
  const found = numbers.map((seq) => db.query<DeliveryRow, [number]>("SELECT * FROM delivery WHERE seq = ?").get(seq));
  const missing = numbers.filter((_, i) => !found[i]);
  if (missing.length > 0) throw new UsageError(`there is no delivery ${missing.join(", ")}`);
  return found.filter((row) => row !== null);
}

/** Of a payload, what lists show; undefined where it is not there, null where the payload cannot be read. */
export function fieldOf({ payload }: Pick<DeliveryRow, "payload">, ...path: string[]): string | undefined | null {
  try {
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], JSON.parse(payload));
    return value === undefined || value === null ? undefined : String(value).replace(/\s+/g, " ");
  } catch {
    return null;
  }
}
