import type { Client } from "../core/client/client.ts";
import { UsageError } from "../core/common/command/failure.ts";

const ID = /^[0-9A-Za-z]{26}$/;

interface Named {
  id: string;
  name: string;
}

/** The id of what is given by id or by name. @throws UsageError where there is none of that name */
async function idOf(what: string, idOrName: string, listed: (name: string) => Promise<readonly Named[]>): Promise<string> {
  if (ID.test(idOrName)) return idOrName.toUpperCase();
  const name = idOrName.trim();
  const found = (await listed(name)).find((one) => one.name === name);
  if (!found) throw new UsageError(`there is no ${what} called ${name}`);
  return found.id;
}

export const userId = (client: Client, user: string): Promise<string> =>
  idOf("user", user, (name) => client.call("users_list", { query: { name } }));

export const factoryId = (client: Client, factory: string): Promise<string> =>
  idOf("factory", factory, () => client.call("factories_list", {}));

export const targetId = (client: Client, target: string): Promise<string> =>
  idOf("target", target, () => client.call("targets_list", {}));
