import { newPrivateKey } from "../credentials.ts";
import type { Hub } from "../hub.ts";
import type { Account, Permissions } from "../state.ts";
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

/** The pages for new Apps: of the person, and of an organisation that they own. */
const NEW_APP = /^\/(?:organizations\/([^/]+)\/)?settings\/apps\/new$/;

/** @returns the account that is to own an App proposed at this path; undefined where there is no such page */
export function ownerOfNewApp({ maker, state }: Hub, path: string): Account | undefined {
  const match = NEW_APP.exec(path);
  if (!match) return undefined;
  if (match[1] === undefined) return maker;
  const organization = state.account(decodeURIComponent(match[1]));
  return organization?.members.get(maker.id) === "admin" ? organization : undefined;
}

/**
 * `POST /settings/apps/new?state=S`, or the same below `/organizations/ORG`, with a form field `manifest`: the page on which a
 * person agrees to make the App. Its button sends them back to the set-up with a code, which is good once.
 */
export async function proposeApp(hub: Hub, request: Request, owner: Account): Promise<Response> {
  const state = new URL(request.url).searchParams.get("state") ?? "";
  const text = new URLSearchParams(await request.text()).get("manifest") ?? "";
  const manifest = JSON.parse(text) as Manifest;
  const code = crypto.randomUUID().replaceAll("-", "");
  hub.manifests.set(code, () => adopt(hub, manifest, owner));
  const back = new URL(manifest.redirect_url);
  back.searchParams.set("code", code);
  back.searchParams.set("state", state);
  return page(
    "Create GitHub App",
    html`<p>${manifest.name}</p><p><a href="${back.href}">Create GitHub App for ${owner.login}</a></p>`,
  );
}

/** The fake has one App: it becomes what the manifest says, with a key and a secret of its own. */
function adopt(hub: Hub, manifest: Manifest, owner: Account): void {
  const slug = manifest.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const { default_permissions: permissions, default_events: events } = manifest;
  Object.assign(hub.app, { name: manifest.name, slug, owner, permissions, events });
  hub.privateKey = newPrivateKey();
  hub.deliveries.secret = crypto.randomUUID();
  hub.deliveries.sendTo(manifest.hook_attributes.url);
}
