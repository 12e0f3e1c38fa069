import { encodeTime } from "ulid";
import { reasonOf } from "../common/errors.ts";
import type { Core } from "../core.ts";
import { changeSoon } from "../db/change.ts";
import { readSetting, writeSetting } from "../db/setting.ts";

/** Between two looks, ms. */
const EVERY = 600_000;
const AT_A_TIME = 500;
/** Up to which worker the logs are gone. */
const GONE = "worker_logs_gone";

/**
 * Removes the logs that machines have of their own, beside those of their jobs, once they are old: there is one for each that
 * ever was. Returns once the server stops.
 */
export async function dropOldLogs(core: Core): Promise<void> {
  while (!core.shutdown.aborted) {
    try {
      for (let ids = dueWorkers(core); ids.length > 0 && !core.shutdown.aborted; ids = dueWorkers(core)) await drop(core, ids);
    } catch (error) {
      core.logger.error(`cannot remove old logs of workers: ${reasonOf(error)}`, { error });
    }
    await core.world.sleep(EVERY, core.shutdown);
  }
}

async function drop(core: Core, ids: readonly string[]): Promise<void> {
  changeSoon(core, () => {
    for (const id of ids) core.outbox.close(id);
  });
  for (const id of ids) {
    core.logs.remove(id);
    // Others have their turn in between.
    await core.world.sleep(0, core.shutdown);
  }
  if (!core.shutdown.aborted) changeSoon(core, () => writeSetting(core.db, GONE, ids.at(-1) ?? ""));
}

/**
 * The next ones in the order in which they were made; they wait for an older one that still lives. That is looked for among
 * those that live: without the `+`, SQLite goes through all in the order of their ids until it finds one.
 */
function dueWorkers(core: Core): string[] {
  const old = core.world.now() - core.config.schedule.worker_log_retention * 1000;
  return core.db
    .query<{ id: string }, [string, string, number]>(
      `SELECT id FROM worker WHERE id > +? AND id < min(+?, coalesce((SELECT min(+id) FROM worker WHERE state <> 'destroyed'), '~'))
       ORDER BY id LIMIT ?`,
    )
    .all(readSetting(core.db, GONE) ?? "", encodeTime(old), AT_A_TIME)
    .map(({ id }) => id);
}
