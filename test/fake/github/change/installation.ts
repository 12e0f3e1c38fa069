import type { Hub } from "../hub.ts";
import { accountShape } from "../shape/account.ts";
import { installationShape } from "../shape/app.ts";
import { briefRepositoryShape } from "../shape/repository.ts";
import type { Account, Installation, Permissions, Repository } from "../state.ts";

/** On an account: all its repositories, or those named. */
export function install(hub: Hub, account: Account, repositories: Repository[] | "all", permissions?: Permissions): Installation {
  const installation: Installation = {
    id: hub.state.id(),
    account,
    selection: repositories === "all" ? "all" : "selected",
    repositories: new Set(repositories === "all" ? [] : repositories.map(({ id }) => id)),
    permissions: { ...(permissions ?? hub.app.permissions) },
    events: [...hub.app.events],
    createdAt: hub.now(),
    suspended: undefined,
  };
  hub.state.installations.set(installation.id, installation);
  tell(hub, "created", installation);
  return installation;
}

/** Its tokens die with it. */
export function uninstall(hub: Hub, installation: Installation): void {
  tell(hub, "deleted", installation);
  hub.state.installations.delete(installation.id);
}

export function suspend(hub: Hub, installation: Installation, by: Account): void {
  installation.suspended = { at: hub.now(), by };
  tell(hub, "suspend", installation);
}

export function unsuspend(hub: Hub, installation: Installation): void {
  installation.suspended = undefined;
  tell(hub, "unsuspend", installation);
}

/** The owner agrees to what the App has asked for of late. */
export function acceptPermissions(hub: Hub, installation: Installation, permissions: Permissions, events: string[]): void {
  Object.assign(installation, { permissions: { ...permissions }, events: [...events] });
  tell(hub, "new_permissions_accepted", installation);
}

export function chooseRepositories(hub: Hub, installation: Installation, added: Repository[], removed: Repository[]): void {
  installation.selection = "selected";
  for (const { id } of added) installation.repositories.add(id);
  for (const { id } of removed) installation.repositories.delete(id);
  for (const [action, repositories] of [
    ["added", added],
    ["removed", removed],
  ] as const) {
    if (repositories.length === 0) continue;
    hub.tellInstallation("installation_repositories", installation, installation.account, {
      action,
      installation: installationShape(hub.places, hub.app, installation),
      repository_selection: installation.selection,
      repositories_added: action === "added" ? repositories.map(briefRepositoryShape) : [],
      repositories_removed: action === "removed" ? repositories.map(briefRepositoryShape) : [],
      requester: null,
    });
  }
}

function tell(hub: Hub, action: string, installation: Installation): void {
  hub.tellInstallation("installation", installation, installation.suspended?.by ?? installation.account, {
    action,
    installation: installationShape(hub.places, hub.app, installation),
    repositories: hub.state.repositoriesOf(installation).map(briefRepositoryShape),
    ...(action === "created" ? {} : { requester: null }),
  });
}

/** An account changes its name; GitHub tells the App once for its installation. */
export function renameAccount(hub: Hub, account: Account, login: string): void {
  const from = account.login;
  account.login = login;
  for (const repository of hub.state.repositories.values()) {
    if (repository.owner === account) hub.state.moved.set(`${from}/${repository.name}`.toLowerCase(), repository.id);
  }
  for (const installation of hub.state.installations.values()) {
    if (installation.account !== account) continue;
    hub.tellInstallation("installation_target", installation, account, {
      action: "renamed",
      account: accountShape(hub.places, account),
      changes: { login: { from } },
      target_type: account.type,
      installation: { id: installation.id, node_id: "" },
    });
  }
}
