import type { Wollongong } from "../wollongong.ts";

/** One thing that happened to a suite, or to one of its runs; `wollongong-dbtool why` tells them. */
export interface Happening {
  time: number;
  run: string | null;
  text: string;
}

/** Part of the caller's transaction. @param text a sentence */
export function tell({ db, world }: Pick<Wollongong, "db" | "world">, suite: string, run: string | null, text: string): void {
  db.query("INSERT INTO chronicle (suite, run, time, text) VALUES (?, ?, ?, ?)").run(suite, run, world.now(), text);
}
