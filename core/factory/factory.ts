import type { Static } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { bearerHash, unauthorised } from "../http/bearer.ts";
import { isoOrNull, looksLikeId } from "../http/schema.ts";
import { aliveWorkers } from "../worker/state.ts";
import { getFactory } from "./find.ts";
import { modeOf } from "./mode.ts";
import type { Factory } from "./schema.ts";
import type { FactoryRow } from "./table.ts";

/** @returns its id @throws Refused 400 for a name like an id, 409 for one that is taken */
export function createFactory(core: Core, name: string, tokenHash: string): string {
  if (looksLikeId(name)) throw new Refused(400, `a factory cannot be called "${name}": it looks like an id`);
  return change(core, () => {
    if (core.db.query("SELECT 1 FROM factory WHERE name = ?").get(name))
      throw new Refused(409, `there is a factory "${name}" already`);
    const id = core.world.id();
    core.db.query("INSERT INTO factory (id, name, token_hash) VALUES (?, ?, ?)").run(id, name, tokenHash);
    return id;
  });
}

/** The factory of that name with a new token, made where there is none: for one that runs inside the server. */
export function ensureFactory(core: Core, name: string, tokenHash: string): string {
  return change(core, () => {
    const known = core.db.query<Pick<FactoryRow, "id">, [string]>("SELECT id FROM factory WHERE name = ?").get(name);
    if (!known) return createFactory(core, name, tokenHash);
    core.db.query("UPDATE factory SET token_hash = ? WHERE id = ?").run(tokenHash, known.id);
    return known.id;
  });
}

/** Gives a factory another token, of which this is the hash; the one before is refused from now on. @throws Refused 404 */
export function setFactoryToken(core: Core, id: string, tokenHash: string): { id: string; name: string } {
  return change(core, () => {
    const { name } = getFactory(core, id);
    core.db.query("UPDATE factory SET token_hash = ? WHERE id = ?").run(tokenHash, id);
    return { id, name };
  });
}

export const allFactories = (core: Core): FactoryRow[] =>
  core.db.query<FactoryRow, []>("SELECT * FROM factory ORDER BY id").all();

export function describeFactory(core: Core, row: FactoryRow): Static<typeof Factory> {
  const workers = aliveWorkers(core, row.id).length;
  return {
    id: row.id,
    name: row.name,
    last_ping: isoOrNull(row.lastping),
    enable: row.enable === 1,
    hold_workers: row.hold_workers === 1,
    state: modeOf(row, workers),
    workers,
    targets: offersOf(row),
  };
}

/** Ids of the targets that a factory last asked jobs for. */
export const offersOf = ({ offers }: Pick<FactoryRow, "offers">): string[] =>
  offers === null ? [] : (JSON.parse(offers) as string[]);

/** Notes what a factory asks jobs for, where that has changed. */
export function noteOffers(core: Core, { id, offers }: FactoryRow, targets: readonly string[]): void {
  const now = JSON.stringify([...new Set(targets)].sort());
  if (now !== offers) core.db.query("UPDATE factory SET offers = ? WHERE id = ?").run(now, id);
}

/** The factory that calls. @throws Refused 401 */
export function requireFactory(core: Core, request: Request): FactoryRow {
  const factory = core.db.query<FactoryRow, [string]>("SELECT * FROM factory WHERE token_hash = ?").get(bearerHash(request));
  if (!factory) throw unauthorised();
  return factory;
}

/** A ping so soon after another is not worth a flush to disk. */
const FRESH = 2000;

export function factoryHeardOf(core: Core, { id, lastping }: FactoryRow): void {
  const now = core.world.now();
  if (now - (lastping ?? 0) < FRESH) return;
  core.db.query("UPDATE factory SET lastping = ? WHERE id = ?").run(now, id);
}
