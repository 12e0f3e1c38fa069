import type { Repository } from "../delivery/payload.ts";
import type { Wollongong } from "../wollongong.ts";
import type { RepositoryRow } from "./table.ts";

type Known = Pick<Wollongong, "db">;

const VISIBILITIES = ["public", "private", "internal"];

/** What a payload tells of a repository overwrites what was known. @returns its id */
export function learnRepository({ db }: Known, repository: Repository): number {
  const { id, owner, name } = repository;
  const told = repository.visibility ?? (repository.private === undefined ? null : repository.private ? "private" : "public");
  const visibility = told !== null && VISIBILITIES.includes(told) ? told : null;
  db.query(
    `INSERT INTO repository (id, owner, name, visibility) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, name = excluded.name,
       visibility = coalesce(excluded.visibility, visibility), deleted = 0`,
  ).run(id, owner.login, name, visibility);
  return id;
}

export function forgetRepository({ db }: Known, id: number): void {
  db.query("UPDATE repository SET deleted = 1 WHERE id = ?").run(id);
}

export const repositoryById = ({ db }: Known, id: number): RepositoryRow | null =>
  db.query<RepositoryRow, [number]>("SELECT * FROM repository WHERE id = ?").get(id);

/** Names are given anew after a repository is deleted or renamed: the newest one that is there counts. */
export const repositoryNamed = ({ db }: Known, owner: string, name: string): RepositoryRow | null =>
  db
    .query<RepositoryRow, [string, string]>(
      "SELECT * FROM repository WHERE owner = +? AND name = +? AND deleted = 0 ORDER BY id DESC LIMIT 1",
    )
    .get(owner, name);

/** Only what is known to be public is shown to strangers. */
export const isPublic = (repository: RepositoryRow | null): repository is RepositoryRow =>
  repository !== null && repository.deleted === 0 && repository.visibility === "public";
