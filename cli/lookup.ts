import type { Client } from "../core/client/client.ts";
import { UsageError } from "./failure.ts";

const ID = /^[0-9A-Za-z]{26}$/;

/** The id of a user who is given by id or by name. @throws UsageError where there is none of that name */
export async function userId(client: Client, idOrName: string): Promise<string> {
  if (ID.test(idOrName)) return idOrName;
  const name = idOrName.trim();
  const found = (await client.call("users_list", { query: { name } })).find((user) => user.name === name);
  if (!found) throw new UsageError(`there is no user called ${name}`);
  return found.id;
}
