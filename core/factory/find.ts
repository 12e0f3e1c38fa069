import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import type { FactoryRow } from "./table.ts";

/** @throws Refused 404 */
export function getFactory(core: Core, id: string): FactoryRow {
  const row = core.db.query<FactoryRow, [string]>("SELECT * FROM factory WHERE id = ?").get(id);
  if (!row) throw new Refused(404, `there is no factory ${id}`);
  return row;
}

export const factoryName = (core: Core, id: string): string => getFactory(core, id).name;
