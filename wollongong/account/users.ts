import type { User } from "../delivery/payload.ts";
import type { Wollongong } from "../wollongong.ts";
import type { UserRow } from "./table.ts";

type Known = Pick<Wollongong, "db">;

const TYPES: Record<string, UserRow["usertype"]> = { User: "user", Bot: "bot", Organization: "org" };

/** What a payload tells of an account overwrites what was known. @returns its id */
export function learnUser({ db }: Known, user: User): number {
  db.query(
    `INSERT INTO user (id, login, usertype, name, email) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET login = excluded.login, usertype = excluded.usertype, name = excluded.name, email = excluded.email`,
  ).run(user.id, user.login, TYPES[user.type ?? "User"] ?? "user", user.name ?? null, user.email ?? null);
  return user.id;
}

export const userById = ({ db }: Known, id: number): UserRow | null =>
  db.query<UserRow, [number]>("SELECT * FROM user WHERE id = ?").get(id);
