import type { Wollongong } from "../wollongong.ts";
import type { InstallRow, InstallState } from "./table.ts";

type Known = Pick<Wollongong, "db">;

/** A payload that names an installation shows that it is there, whatever was known of it. */
export function learnInstall({ db }: Known, id: number, owner: number, state: InstallState = "active"): void {
  db.query(
    "INSERT INTO install (id, owner, state) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, state = excluded.state",
  ).run(id, owner, state);
}

export const installById = ({ db }: Known, id: number): InstallRow | null =>
  db.query<InstallRow, [number]>("SELECT * FROM install WHERE id = ?").get(id);

/** The newest installation on an account that can be used. */
export const installOf = ({ db }: Known, owner: string): InstallRow | null =>
  db
    .query<InstallRow, [string]>(
      `SELECT install.* FROM install JOIN user ON user.id = install.owner
       WHERE user.login = +? AND install.state = 'active' ORDER BY install.id DESC LIMIT 1`,
    )
    .get(owner);
