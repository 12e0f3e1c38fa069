import { Refused } from "../../core/common/refused.ts";
import type { Wollongong } from "../wollongong.ts";
import type { DeliveryRow } from "./table.ts";

export interface Received {
  uuid: string;
  event: string;
  headers: Record<string, string>;
  /** JSON text. */
  payload: string;
}

/**
 * Keeps a webhook; part of the caller's transaction. One that is there already is left as it is, so that a doubled or
 * repeated delivery does nothing twice.
 *
 * @returns whether it is new @throws Refused 409 when the same uuid came with something else
 */
export function storeDelivery({ db, world, bells }: Wollongong, { uuid, event, headers, payload }: Received): boolean {
  const known = db
    .query<Pick<DeliveryRow, "event" | "payload">, [string]>("SELECT event, payload FROM delivery WHERE uuid = ?")
    .get(uuid);
  if (known) {
    if (known.event === event && sameJson(known.payload, payload)) return false;
    throw new Refused(409, `delivery ${uuid} is there already, with another event or payload`);
  }
  const now = world.now();
  db.query("INSERT INTO delivery (uuid, event, headers, payload, recvtime, due) VALUES (?, ?, ?, ?, ?, ?)").run(
    uuid,
    event,
    JSON.stringify(headers),
    payload,
    now,
    now,
  );
  bells.ring("delivery");
  return true;
}

const sameJson = (a: string, b: string) => a === b || Bun.deepEquals(JSON.parse(a), JSON.parse(b));
