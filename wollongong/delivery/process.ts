import { reasonOf } from "../../core/common/errors.ts";
import { type Backoff, backoffFor } from "../../core/common/retry.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { handle } from "./handle.ts";
import { Meaningless, parsePayload } from "./payload.ts";
import type { DeliveryRow } from "./table.ts";

/** What an acknowledgement says; higher when a fault of a handler is mended and old deliveries are to be seen again. */
export const PROCESSING = 1;

/** A delivery that fails so often is put aside until somebody looks at it: `wollongong-dbtool del errors`. */
const MOST_TRIES = 10;
const BACKOFF: Backoff = { first: 1000, most: 600_000 };
const AT_ONCE = 100;
/** A delivery that a tool has put back rings no bell: so often it is looked for one, ms. */
const LOOK = 2_000;

/** Handles deliveries in the order in which they came, each as soon as it is due, until the server stops. */
export async function processDeliveries(wo: Wollongong): Promise<void> {
  while (!wo.shutdown.aborted) {
    const rung = wo.bells.version("delivery");
    const due = dueDeliveries(wo);
    // One flush to disk for all of them; each is a part of its own, so that one that fails leaves the others alone.
    if (due.length > 0)
      change(wo, () => {
        for (const delivery of due) processDelivery(wo, delivery);
      });
    // Webhooks that come meanwhile must not wait for a backlog.
    if (due.length === AT_ONCE) await wo.world.sleep(0, wo.shutdown);
    else await nextDue(wo, rung);
  }
}

/** The inner query reads the index of open ones alone; without the `+`, SQLite would go through the whole history by `seq`. */
const dueDeliveries = ({ db, world }: Wollongong): DeliveryRow[] =>
  db
    .query<DeliveryRow, [number, number]>(
      `SELECT * FROM delivery WHERE seq IN
         (SELECT seq FROM delivery WHERE ack IS NULL AND quarantined = 0 AND due <= ? ORDER BY +seq LIMIT ?)
       ORDER BY seq`,
    )
    .all(world.now(), AT_ONCE);

async function nextDue(wo: Wollongong, rung: number): Promise<void> {
  const next = wo.db
    .query<{ due: number | null }, []>("SELECT min(due) AS due FROM delivery WHERE ack IS NULL AND quarantined = 0")
    .get()?.due;
  const late = new AbortController();
  const wait = typeof next === "number" ? Math.min(LOOK, Math.max(0, next - wo.world.now())) : LOOK;
  const cancel = wo.world.after(wait, () => late.abort());
  await wo.bells.wait("delivery", rung, AbortSignal.any([wo.shutdown, late.signal]));
  cancel();
}

/** Its effects and its acknowledgement are one transaction: it happens once, whenever the process is killed. */
export function processDelivery(wo: Wollongong, delivery: DeliveryRow): void {
  const { seq, event } = delivery;
  try {
    change(wo, () => acknowledge(wo, seq, noteOf(wo, delivery)));
  } catch (error) {
    const tries = delivery.tries + 1;
    wo.logger.error(`delivery ${seq} (${event}) failed: ${reasonOf(error)}`, { error, tries });
    const due = wo.world.now() + backoffFor(wo.world, tries, BACKOFF);
    change(wo, () =>
      wo.db
        .query("UPDATE delivery SET error = ?, tries = ?, due = ?, quarantined = ? WHERE seq = ?")
        .run(reasonOf(error), tries, due, Number(tries >= MOST_TRIES), seq),
    );
  }
}

function noteOf(wo: Wollongong, { event, payload }: DeliveryRow): string {
  try {
    return handle(wo, event, parsePayload(payload));
  } catch (error) {
    if (error instanceof Meaningless) return error.message;
    throw error;
  }
}

/** @param note what was done, or why nothing */
export function acknowledge({ db }: Wollongong, seq: number, note: string): void {
  db.query("UPDATE delivery SET ack = ?, note = ?, error = NULL, quarantined = 0 WHERE seq = ?").run(PROCESSING, note, seq);
}
