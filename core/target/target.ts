import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { looksLikeId } from "../http/schema.ts";
import type { TargetRow } from "./table.ts";

const MOST_REDIRECTS = 32;

export const listTargets = (core: Core): TargetRow[] => core.db.query<TargetRow, []>("SELECT * FROM target ORDER BY id").all();

/** @throws Refused 404 */
export function getTarget(core: Core, id: string): TargetRow {
  const row = core.db.query<TargetRow, [string]>("SELECT * FROM target WHERE id = ?").get(id);
  if (!row) throw new Refused(404, `there is no target ${id}`);
  return row;
}

export const targetNamed = (core: Core, name: string): TargetRow | null =>
  core.db.query<TargetRow, [string]>("SELECT * FROM target WHERE name = ?").get(name);

/** @returns the new target's id @throws Refused 400 for a bad name, 409 for one that is taken */
export function createTarget(core: Core, name: string, desc: string): string {
  return change(core, () => {
    requireFreeName(core, name);
    const id = core.world.id();
    core.db.query("INSERT INTO target (id, name, desc) VALUES (?, ?, ?)").run(id, name, desc);
    return id;
  });
}

/** The target that jobs for `name` go to, after all redirects. @throws Refused 400 when there is none */
export function resolveTarget(core: Core, name: string): TargetRow {
  let target = targetNamed(core, name);
  if (!target) throw new Refused(400, `there is no target "${name}"`);
  for (let hops = 0; target.redirect; hops++) {
    if (hops === MOST_REDIRECTS) throw new Refused(400, `target "${name}" redirects in a circle`);
    target = getTarget(core, target.redirect);
  }
  return target;
}

/** @param to where jobs go from now on; null: nowhere else @throws Refused 404, 409 for a circle */
export function redirectTarget(core: Core, id: string, to: string | null): void {
  change(core, () => {
    const target = getTarget(core, id);
    if (to) getTarget(core, to);
    core.db.query("UPDATE target SET redirect = ? WHERE id = ?").run(to, id);
    try {
      resolveTarget(core, target.name);
    } catch (cause) {
      throw new Refused(409, `target "${target.name}" cannot redirect there: it would lead back to itself`, { cause });
    }
  });
}

/**
 * Gives a target a new name and leaves a signpost under the old one, so that jobs find it either way.
 *
 * @returns the signpost's id @throws Refused 404, 400, 409
 */
export function renameTarget(core: Core, id: string, newName: string, signpostDesc: string): string {
  return change(core, () => {
    const { name, privilege } = getTarget(core, id);
    requireFreeName(core, newName);
    core.db.query("UPDATE target SET name = ? WHERE id = ?").run(newName, id);
    const signpost = createTarget(core, name, signpostDesc);
    core.db.query("UPDATE target SET redirect = ?, privilege = ? WHERE id = ?").run(id, privilege, signpost);
    return signpost;
  });
}

/** @param privilege what a user must hold to submit to it; null: nothing @throws Refused 404 */
export function restrictTarget(core: Core, id: string, privilege: string | null): void {
  change(core, () => {
    getTarget(core, id);
    core.db.query("UPDATE target SET privilege = ? WHERE id = ?").run(privilege, id);
  });
}

function requireFreeName(core: Core, name: string): void {
  if (name !== name.trim()) throw new Refused(400, `a target's name cannot start or end with a blank: "${name}"`);
  if (looksLikeId(name)) throw new Refused(400, `a target cannot be called "${name}": it looks like an id`);
  if (targetNamed(core, name)) throw new Refused(409, `there is a target "${name}" already`);
}
