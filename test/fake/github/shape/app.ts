import type { Account, Installation, Permissions } from "../state.ts";
import { accountShape } from "./account.ts";
import { nodeId, type Places, time } from "./places.ts";

export interface App {
  id: number;
  slug: string;
  name: string;
  owner: Account;
  createdAt: number;
  permissions: Permissions;
  events: string[];
}

export function appShape(places: Places, app: App) {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId("App", app.id),
    owner: accountShape(places, app.owner),
    name: app.name,
    description: "",
    external_url: `${places.web}/${app.owner.login}`,
    html_url: `${places.web}/apps/${app.slug}`,
    created_at: time(app.createdAt),
    updated_at: time(app.createdAt),
    permissions: app.permissions,
    events: app.events,
  };
}

export function installationShape(places: Places, app: App, installation: Installation) {
  const { id, account, suspended } = installation;
  return {
    id,
    account: accountShape(places, account),
    repository_selection: installation.selection,
    access_tokens_url: `${places.api}/app/installations/${id}/access_tokens`,
    repositories_url: `${places.api}/installation/repositories`,
    html_url: `${places.web}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: time(installation.createdAt),
    updated_at: time(installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspended ? accountShape(places, suspended.by) : null,
    suspended_at: suspended ? time(suspended.at) : null,
  };
}
