import { join } from "node:path";
import { openDatabase } from "../../core/common/sqlite/open.ts";
import { migrations } from "../../core/db/migrations.ts";

/** Crockford's digits, in which a number of five bits each makes the end of an id. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const id = (kind: string, number: string) =>
  `'01K${kind}' || printf('%017d', 0) || ${[20, 15, 10, 5, 0].map((shift) => `substr('${DIGITS}', ((${number} >> ${shift}) & 31) + 1, 1)`).join(" || ")}`;

/** What `count` jobs of another user have left in the database of a server that is yet to start. */
export function writeHistory(data: string, count: number): void {
  const db = openDatabase(join(data, "core.sqlite"), { migrations });
  const many = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;
  const job = id("J", "i");
  db.transaction(() => {
    db.run(`INSERT INTO user (id, name, token_hash, time_create) VALUES (${id("U", "0")}, 'before', 'none', 0)`);
    db.run(`INSERT INTO target (id, name, desc) VALUES (${id("T", "0")}, 'before', '')`);
    db.run(`INSERT INTO factory (id, name, token_hash) VALUES (${id("F", "0")}, 'before', 'none')`);
    db.run(`${many} INSERT INTO worker (id, factory, target, state, bootstrap_hash, token_hash, factory_private, time_create)
      SELECT ${id("W", "i")}, ${id("F", "0")}, ${id("T", "0")}, 'destroyed', 'b' || i, 't' || i, 'm' || i, i FROM n`);
    db.run(`${many} INSERT INTO job (id, owner, name, target, target_id, state, log_count, log_bytes, log_sha256)
      SELECT ${job}, ${id("U", "0")}, 'before', 'before', ${id("T", "0")}, 'completed', 10, 1000, 'none' FROM n`);
    db.run(`${many} INSERT INTO attempt (job, number, worker, reason) SELECT ${job}, 1, ${id("W", "i")}, 'job completed' FROM n`);
    for (const name of ["submit", "ready", "assigned", "complete"])
      db.run(`${many} INSERT INTO attempt_time (job, attempt, name, time) SELECT ${job}, 1, '${name}', i FROM n`);
    db.run(`${many} INSERT INTO task (job, seq, name, script, env_clear, env) SELECT ${job}, 0, 'task', 'true', 0, '{}' FROM n`);
    db.run(`${many} INSERT INTO task_verdict (job, attempt, seq, failed) SELECT ${job}, 1, 0, 0 FROM n`);
  })();
  db.close();
}
