import { rmSync } from "node:fs";
import { fetchCommit, initRepository, refs, setHead } from "../git.ts";
import type { Hub } from "../hub.ts";
import { accountShape } from "../shape/account.ts";
import type { Account, Repository, Visibility } from "../state.ts";

export interface NewRepository {
  visibility?: Visibility;
  defaultBranch?: string;
  description?: string;
}

export async function createRepository(hub: Hub, owner: Account, name: string, options: NewRepository = {}, parent?: Repository) {
  if (hub.state.repository(owner.login, name)) throw new Error(`${owner.login}/${name} exists already`);
  const id = hub.state.id();
  const repository: Repository = {
    id,
    owner,
    name,
    visibility: options.visibility ?? parent?.visibility ?? "public",
    defaultBranch: options.defaultBranch ?? parent?.defaultBranch ?? "main",
    description: options.description ?? null,
    archived: false,
    parent,
    collaborators: new Map(),
    dir: `${id}.git`,
    createdAt: hub.now(),
    pushedAt: hub.now(),
    lastNumber: 0,
  };
  await initRepository(hub.pathOf(repository), repository.defaultBranch);
  hub.state.repositories.set(id, repository);
  hub.state.moved.delete(`${owner.login}/${name}`.toLowerCase());
  hub.tell("repository", repository, owner, { action: "created" });
  return repository;
}

/** With all branches of the parent. */
export async function fork(hub: Hub, parent: Repository, owner: Account): Promise<Repository> {
  const repository = await createRepository(hub, owner, parent.name, {}, parent);
  for (const [ref, sha] of await refs(hub.pathOf(parent)))
    await fetchCommit(hub.pathOf(repository), hub.pathOf(parent), sha, ref);
  return repository;
}

export function rename(hub: Hub, repository: Repository, name: string, by: Account): void {
  const from = repository.name;
  hub.state.moved.set(`${repository.owner.login}/${from}`.toLowerCase(), repository.id);
  repository.name = name;
  hub.tell("repository", repository, by, { action: "renamed", changes: { repository: { name: { from } } } });
}

/** To another account. It is told to the App there, if it is installed there. */
export function transfer(hub: Hub, repository: Repository, owner: Account, by: Account): void {
  const from = repository.owner;
  hub.state.moved.set(`${from.login}/${repository.name}`.toLowerCase(), repository.id);
  repository.owner = owner;
  const side =
    from.type === "Organization" ? { organization: accountShape(hub.places, from) } : { user: accountShape(hub.places, from) };
  hub.tell("repository", repository, by, { action: "transferred", changes: { owner: { from: side } } });
}

export function setVisibility(hub: Hub, repository: Repository, visibility: Visibility, by: Account): void {
  repository.visibility = visibility;
  hub.tell("repository", repository, by, { action: visibility === "public" ? "publicized" : "privatized" });
  if (visibility === "public") hub.tell("public", repository, by, {});
}

export function setArchived(hub: Hub, repository: Repository, archived: boolean, by: Account): void {
  repository.archived = archived;
  hub.tell("repository", repository, by, { action: archived ? "archived" : "unarchived" });
}

export async function setDefaultBranch(hub: Hub, repository: Repository, branch: string, by: Account): Promise<void> {
  const from = repository.defaultBranch;
  repository.defaultBranch = branch;
  await setHead(hub.pathOf(repository), branch);
  hub.tell("repository", repository, by, { action: "edited", changes: { default_branch: { from } } });
}

/** Pull requests from it lose their head's repository. */
export function remove(hub: Hub, repository: Repository, by: Account): void {
  hub.tell("repository", repository, by, { action: "deleted" });
  hub.state.repositories.delete(repository.id);
  for (const pull of hub.state.pulls.values()) if (pull.head.repository === repository) pull.head.repository = undefined;
  for (const installation of hub.state.installations.values()) installation.repositories.delete(repository.id);
  rmSync(hub.pathOf(repository), { recursive: true, force: true });
}
