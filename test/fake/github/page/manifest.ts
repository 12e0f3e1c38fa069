import { newPrivateKey } from "../credentials.ts";
import type { Hub } from "../hub.ts";
import type { Permissions } from "../state.ts";
import { html, page } from "./html.ts";

/** What a set-up program asks GitHub to make an App of. */
interface Manifest {
  name: string;
  url: string;
  hook_attributes: { url: string };
  redirect_url: string;
  public: boolean;
  default_permissions: Permissions;
  default_events: string[];
}

/**
 * `POST /settings/apps/new?state=S` with a form field `manifest`: the page on which a person agrees to make the App.
 * Its button sends them back to the set-up with a code, which is good once.
 */
export async function proposeApp(hub: Hub, request: Request): Promise<Response> {
  const state = new URL(request.url).searchParams.get("state") ?? "";
  const text = new URLSearchParams(await request.text()).get("manifest") ?? "";
  const manifest = JSON.parse(text) as Manifest;
  const code = crypto.randomUUID().replaceAll("-", "");
  hub.manifests.set(code, () => adopt(hub, manifest));
  const back = new URL(manifest.redirect_url);
  back.searchParams.set("code", code);
  back.searchParams.set("state", state);
  return page(
    "Create GitHub App",
    html`<p>${manifest.name}</p><p><a href="${back.href}">Create GitHub App for ${hub.app.owner.login}</a></p>`,
  );
}

/** The fake has one App: it becomes what the manifest says, with a key and a secret of its own. */
function adopt(hub: Hub, manifest: Manifest): void {
  const slug = manifest.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const { default_permissions: permissions, default_events: events } = manifest;
  Object.assign(hub.app, { name: manifest.name, slug, permissions, events });
  hub.privateKey = newPrivateKey();
  hub.deliveries.secret = crypto.randomUUID();
  hub.deliveries.sendTo(manifest.hook_attributes.url);
}
