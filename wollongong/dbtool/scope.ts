import type { Database } from "bun:sqlite";
import { UsageError } from "../../core/common/command/failure.ts";
import { repositoryNamed } from "../account/repositories.ts";
import type { Scope } from "../secret/secrets.ts";

/** `OWNER/REPO`, or `OWNER` for all of an account's repositories. @throws UsageError for what is not known yet */
export function scopeOf(db: Database, text = ""): Scope {
  const [login = "", name, more] = text.split("/");
  if (more !== undefined) throw new UsageError(`"${text}": expected OWNER/REPO or OWNER`);
  const owner = db.query<{ id: number }, [string]>("SELECT id FROM user WHERE login = ? ORDER BY id DESC LIMIT 1").get(login);
  if (!owner) throw new UsageError(`nothing is known of an account ${login}: is the App installed there?`);
  if (name === undefined) return { owner: owner.id, repo: 0 };
  const repository = repositoryNamed({ db }, login, name);
  if (!repository) throw new UsageError(`there is no repository ${text}`);
  return { owner: owner.id, repo: repository.id };
}
