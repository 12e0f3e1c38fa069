import type { Database } from "bun:sqlite";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EXIT, Exit } from "../../../../core/common/command/failure.ts";
import { ARCHIVED_DELIVERIES } from "../../../config.ts";
import type { DeliveryRow } from "../../../delivery/table.ts";
import { defineCommand } from "../../command.ts";

const DAY = 24 * 3600_000;
/** Younger ones stay: somebody may want to look at them. */
const KEPT = 14 * DAY;

export default defineCommand({
  options: {},
  help: "Days that are over for 14 days go to <data>/archive/delivery/YYYY-MM-DD.json and out of the database.",
  async run(context) {
    const db = context.writable();
    const dir = join(context.config().data, ARCHIVED_DELIVERIES);
    const archived: { day: string; file: string; deliveries: number }[] = [];
    for (let day = oldestDay(db); day !== undefined && context.world.now() - Date.parse(day) >= KEPT + DAY; day = oldestDay(db)) {
      const rows = rowsOf(db, day);
      const open = rows.filter(({ ack }) => ack === null).map(({ seq }) => seq);
      if (open.length > 0)
        throw new Exit(EXIT.jobFailed, `${day}: deliveries ${open.join(", ")} are not acknowledged: see del errors`);
      const file = join(dir, `${day}.json`);
      writeDay(file, rows);
      db.transaction(() => {
        for (const { seq, uuid } of rows) db.query("DELETE FROM delivery WHERE seq = ? AND uuid = ?").run(seq, uuid);
      }).immediate();
      archived.push({ day, file, deliveries: rows.length });
      if (!context.json) await context.out.line(`${day}: ${rows.length} deliveries to ${file}`);
    }
    if (context.json) await context.out.json(archived);
    else if (archived.length === 0) await context.out.line("nothing is old enough");
  },
});

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

function oldestDay(db: Database): string | undefined {
  const { time } = db.query<{ time: number | null }, []>("SELECT min(recvtime) AS time FROM delivery").get() ?? {};
  return typeof time === "number" ? dayOf(time) : undefined;
}

const rowsOf = (db: Database, day: string): DeliveryRow[] =>
  db
    .query<DeliveryRow, [number, number]>("SELECT * FROM delivery WHERE recvtime >= ? AND recvtime < ? ORDER BY recvtime, seq")
    .all(Date.parse(day), Date.parse(day) + DAY);

/** On disk before anything is deleted. A file of the same day that an earlier try left must hold the very same. */
function writeDay(file: string, rows: readonly DeliveryRow[]): void {
  const records = rows.map(({ seq, uuid, event, headers, payload, recvtime, ack }) => ({
    seq,
    uuid,
    event,
    headers: Object.fromEntries(Object.entries(JSON.parse(headers) as object).sort()) as unknown,
    payload: JSON.parse(payload) as unknown,
    recvtime: new Date(recvtime).toISOString(),
    ack,
  }));
  const text = `${JSON.stringify({ v: "1", records }, null, 2)}\n`;
  if (existsSync(file)) {
    if (readFileSync(file, "utf8") === text) return;
    throw new Exit(EXIT.jobFailed, `${file} is there already, with other deliveries: move it away`);
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  sync(`${file}.new`);
  renameSync(`${file}.new`, file);
  sync(dirname(file));
}

function sync(path: string): void {
  const fd = openSync(path, "r");
  fsyncSync(fd);
  closeSync(fd);
}
