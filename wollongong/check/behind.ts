import type { Database } from "bun:sqlite";
import type { Wollongong } from "../wollongong.ts";

/** Webhooks of the time that is missing come this late at most, ms: GitHub sends none again that is older. */
const CATCHING_UP = 7 * 24 * 3600_000;

/**
 * Notes that this database is a copy that was left behind: GitHub and the core may have check runs and jobs that it does not
 * know, so for a while these are looked for before any is made. What GitHub knows of unfinished runs is asked anew.
 */
export function markBehind(db: Database, now: number): void {
  db.transaction(() => {
    db.query("INSERT INTO behind (time) VALUES (?)").run(now);
    db.run("UPDATE check_run SET announced = 1, github_id = NULL WHERE state <> 'over' OR version > flushed");
  }).immediate();
}

export const isBehind = ({ db, world }: Pick<Wollongong, "db" | "world">): boolean =>
  db.query("SELECT 1 FROM behind WHERE time > ?").get(world.now() - CATCHING_UP) !== null;
