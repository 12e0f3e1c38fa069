import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Explained, reasonOf } from "../../core/common/errors.ts";
import type { World } from "../../core/common/world.ts";

const DEADLINE = 30_000;

const NewApp = Type.Object({
  id: Type.Integer(),
  slug: Type.String(),
  owner: Type.Object({ login: Type.String() }),
  webhook_secret: Type.String({ minLength: 1 }),
  pem: Type.String({ minLength: 1 }),
});

/** What GitHub tells once of an App that was made from a manifest. */
export type NewApp = typeof NewApp.static;

/**
 * Hands in the code that GitHub has sent a person back with.
 *
 * @param api base URL of the REST API
 * @throws Explained
 */
export async function claimApp(world: World, api: string, code: string): Promise<NewApp> {
  const url = `${api}/app-manifests/${encodeURIComponent(code)}/conversions`;
  try {
    const response = await world.fetch(url, {
      method: "POST",
      headers: {
        accept: "application/vnd.github+json",
        "user-agent": "buildomat-wollongong/1",
        "x-github-api-version": "2022-11-28",
      },
      signal: AbortSignal.timeout(DEADLINE),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
    return Value.Decode(NewApp, JSON.parse(text));
  } catch (cause) {
    throw new Explained(`GitHub does not tell of the new App: ${reasonOf(cause)}`, { cause });
  }
}
