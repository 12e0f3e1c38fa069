import { Refused } from "../../core/common/refused.ts";
import { code } from "../check/markdown.ts";
import type { SuiteRow } from "../check/table.ts";
import type { Wollongong } from "../wollongong.ts";
import type { SecretRow } from "./table.ts";

type Keeping = Pick<Wollongong, "db" | "vault" | "world">;

/** Whose a secret is: one repository's, or (`repo` 0) that of all repositories of an account. */
export interface Scope {
  owner: number;
  repo: number;
}

const LONGEST = 10_240;

const purposeOf = ({ owner, repo }: Scope, name: string) => `${owner}/${repo}/${name}`;

/** @throws Refused 400 for what no job could be given */
export async function setSecret({ db, vault, world }: Keeping, scope: Scope, name: string, value: string): Promise<void> {
  if (!/^[A-Za-z0-9_]{1,256}$/.test(name) || name === "GITHUB_TOKEN")
    throw new Refused(400, `a secret cannot be called "${name}": expected letters, digits and _, and not GITHUB_TOKEN`);
  if (value === "" || Buffer.byteLength(value) > LONGEST) throw new Refused(400, `a secret has from 1 to ${LONGEST} bytes`);
  if (!hasSecrets({ db })) vault.ensureKey();
  const sealed = await vault.seal(value, purposeOf(scope, name));
  db.query("INSERT OR REPLACE INTO secret (owner, repo, name, value, time) VALUES (?, ?, ?, ?, ?)").run(
    scope.owner,
    scope.repo,
    name,
    sealed,
    world.now(),
  );
}

export const hasSecrets = ({ db }: Pick<Wollongong, "db">): boolean => db.query("SELECT 1 FROM secret LIMIT 1").get() !== null;

/** Names and times, never values; in order. */
export const listSecrets = ({ db }: Pick<Wollongong, "db">): Omit<SecretRow, "value">[] =>
  db.query<Omit<SecretRow, "value">, []>("SELECT owner, repo, name, time FROM secret ORDER BY owner, repo, name").all();

/** @returns false where there was none */
export const deleteSecret = ({ db }: Pick<Wollongong, "db">, { owner, repo }: Scope, name: string): boolean =>
  db.query("DELETE FROM secret WHERE owner = ? AND repo = ? AND name = ?").run(owner, repo, name).changes > 0;

/** What a job asks for by name. */
export interface Asked {
  suite: SuiteRow;
  /** Account that the repository belongs to. */
  owner: number;
  names: readonly string[];
}

/** The values that a job is given, as far as there are any; the repository's own before its owner's. */
export async function secretsFor(wo: Keeping, { suite, owner, names }: Asked): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const row = secretFor(wo, suite, owner, name);
    if (row) values[name] = await wo.vault.open(row.value, purposeOf(row, name));
  }
  return values;
}

/** What is to be said of those that it is not given, which a job might wait for in vain (Markdown); null where it has all. */
export function ungivenOf(wo: Pick<Wollongong, "db">, { suite, owner, names }: Asked): string | null {
  const missing = names.filter((name) => secretFor(wo, suite, owner, name) === null);
  if (missing.length === 0) return null;
  const list = `secret${missing.length === 1 ? "" : "s"} ${missing.map(code).join(", ")}`;
  return mayHave(suite)
    ? `The job is not given the ${list}: not set for this repository or its owner.`
    : `The job is not given the ${list}: nobody has approved this commit, which is on no branch of the repository.`;
}

/** A commit that is on no branch of the repository, as one of a fork, gets none unless somebody has approved it. */
const mayHave = ({ head_branch, approved_by }: SuiteRow): boolean => head_branch !== null || approved_by !== null;

function secretFor({ db }: Pick<Wollongong, "db">, suite: SuiteRow, owner: number, name: string): SecretRow | null {
  if (!mayHave(suite)) return null;
  return db
    .query<SecretRow, [number, number, string]>(
      "SELECT * FROM secret WHERE owner = ? AND repo IN (0, ?) AND name = ? ORDER BY repo DESC LIMIT 1",
    )
    .get(owner, suite.repo, name);
}
