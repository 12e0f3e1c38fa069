import type { Static } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { iso } from "../http/schema.ts";
import { recallRecord } from "./archive/recall.ts";
import type { JobStoreValueInfo } from "./schema.ts";
import { getActiveJob, getJob } from "./state.ts";
import type { StoreRow } from "./table.ts";
import { workerOf } from "./worker.ts";

/**
 * Sets one value of the job's store. What was once secret stays secret.
 *
 * @throws Refused 404; 400 for a bad name, a value too large; 409 for one too many or a job that has ended
 */
export function putStore(
  core: Core,
  job: string,
  name: string,
  value: string,
  secret: boolean,
  source: StoreRow["source"],
): void {
  requireStoreName(name);
  const { max_store_values, max_store_value_bytes } = core.config.quota;
  if (Buffer.byteLength(value) > max_store_value_bytes)
    throw new Refused(400, `the value of "${name}" is too large: at most ${max_store_value_bytes} bytes`);
  change(core, () => {
    const row = getActiveJob(core, job, "the store is closed");
    const { count } = core.db
      .query<{ count: number }, [string, string]>("SELECT count(*) AS count FROM store WHERE job = ? AND name <> ?")
      .get(job, name) ?? { count: 0 };
    if (count >= max_store_values) throw new Refused(409, `the store of job ${job} is full: at most ${max_store_values} values`);
    core.db
      .query(
        `INSERT INTO store (job, name, value, secret, source, time_update) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (job, name) DO UPDATE SET value = excluded.value, secret = max(secret, excluded.secret),
           source = excluded.source, time_update = excluded.time_update`,
      )
      .run(job, name, value, Number(secret), source, core.world.now());
    const worker = workerOf(core, row);
    // The agent learns of a new secret at once, so as to mask it.
    if (worker) core.bells.ring(`worker ${worker}`);
  });
}

/** What the job itself may read: secrets too. @throws Refused 400 for a bad name */
export function getStore(core: Core, job: string, name: string): { value: string; secret: boolean } | null {
  requireStoreName(name);
  const row = core.db.query<StoreRow, [string, string]>("SELECT * FROM store WHERE job = ? AND name = ?").get(job, name);
  return row ? { value: row.value, secret: row.secret === 1 } : null;
}

/** What users may read: of a secret, everything but the value. */
export async function listStore(core: Core, job: string): Promise<Record<string, Static<typeof JobStoreValueInfo>>> {
  const rows = getJob(core, job).time_purged === null ? rowsOf(core, job) : (await recallRecord(core, job)).store;
  return Object.fromEntries(
    rows.map(({ name, value, secret, source, time_update }) => [
      name,
      { value: secret ? null : value, secret: secret === 1, source, time_update: iso(time_update) },
    ]),
  );
}

/** Names of the secrets, and when one last changed (ms, or null). */
export function secretsOf(core: Core, job: string): { names: string[]; changed: number | null } {
  const secrets = rowsOf(core, job).filter((row) => row.secret);
  return {
    names: secrets.map((row) => row.name),
    changed: secrets.length === 0 ? null : Math.max(...secrets.map((row) => row.time_update)),
  };
}

const rowsOf = (core: Core, job: string) =>
  core.db.query<StoreRow, [string]>("SELECT * FROM store WHERE job = +? ORDER BY name").all(job);

function requireStoreName(name: string): void {
  if (!/^[A-Za-z0-9_]{1,256}$/.test(name))
    throw new Refused(400, `a store value cannot be called "${name}": only [A-Za-z0-9_] are allowed`);
}
