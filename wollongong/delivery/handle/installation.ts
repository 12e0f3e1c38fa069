import { installById, learnInstall } from "../../account/installs.ts";
import { learnRepository } from "../../account/repositories.ts";
import type { InstallState } from "../../account/table.ts";
import { learnUser } from "../../account/users.ts";
import { wakeSuitesOf } from "../../check/suite.ts";
import type { Wollongong } from "../../wollongong.ts";
import { Meaningless, need, type Payload } from "../payload.ts";

export function createdInstall(wo: Wollongong, payload: Payload): string {
  const { id, account } = need(payload.installation, "installation");
  const owner = need(account, "account of the installation");
  learnInstall(wo, id, learnUser(wo, owner));
  for (const repository of payload.repositories ?? []) learnListed(wo, owner, repository);
  return `installed on ${owner.login}`;
}

export const installBecomes =
  (state: InstallState) =>
  (wo: Wollongong, payload: Payload): string => {
    const { id, account } = need(payload.installation, "installation");
    const owner = account ? learnUser(wo, account) : installById(wo, id)?.owner;
    if (owner === undefined) throw new Meaningless(`installation ${id} is not known, nor whose it is`);
    learnInstall(wo, id, owner, state);
    if (state === "active") wakeSuitesOf(wo, id);
    return `the installation is ${state}`;
  };

export function addedRepositories(wo: Wollongong, payload: Payload): string {
  const account = need(payload.installation?.account, "account of the installation");
  const added = payload.repositories_added ?? [];
  for (const repository of added) learnListed(wo, account, repository);
  return `${added.length} repositories were added`;
}

function learnListed(
  wo: Wollongong,
  owner: { id: number; login: string },
  { id, full_name, private: isPrivate }: { id: number; full_name: string; private: boolean },
): void {
  const name = full_name.slice(full_name.indexOf("/") + 1);
  learnRepository(wo, { id, name, owner, private: isPrivate });
}
