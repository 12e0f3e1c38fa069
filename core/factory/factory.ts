import type { Static } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { bearerHash, unauthorised } from "../http/bearer.ts";
import { isoOrNull, looksLikeId } from "../http/schema.ts";
import { getFactory } from "./find.ts";
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

export const listFactories = (core: Core): Static<typeof Factory>[] =>
  core.db
    .query<FactoryRow, []>("SELECT * FROM factory ORDER BY id")
    .all()
    .map(({ id, name, lastping, enable, hold_workers }) => ({
      id,
      name,
      last_ping: isoOrNull(lastping),
      enable: enable === 1,
      hold_workers: hold_workers === 1,
    }));

/** @param holdWorkers its new workers are born held @throws Refused 404 */
export function enableFactory(core: Core, id: string, enable: boolean, holdWorkers?: boolean): void {
  change(core, () => {
    const factory = getFactory(core, id);
    const hold = holdWorkers === undefined ? factory.hold_workers : Number(holdWorkers);
    core.db.query("UPDATE factory SET enable = ?, hold_workers = ? WHERE id = ?").run(Number(enable), hold, id);
    core.bells.ring("lease");
  });
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
