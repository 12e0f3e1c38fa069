import { createHmac, timingSafeEqual } from "node:crypto";
import { type AnyElysia, Elysia } from "elysia";
import { readBody } from "../../core/common/read-body.ts";
import { Refused } from "../../core/common/refused.ts";
import { Group } from "../../core/common/sqlite/group.ts";
import { change } from "../db/change.ts";
import { storeDelivery } from "../delivery/store.ts";
import type { Wollongong } from "../wollongong.ts";

/** What GitHub sends at most. */
const MAX_PAYLOAD = 25 * 1024 * 1024;

/** Takes GitHub's webhooks: each is on disk before it is answered, and nothing else is done in the request. */
export const webhookRoutes = (wo: Wollongong): AnyElysia => {
  const stores = new Group((work) => change(wo, work));
  return new Elysia({ name: "webhook" }).post(
    "/webhook",
    async ({ request }) => {
      const body = await readBody(request, MAX_PAYLOAD);
      checkSignature(wo.config.webhook_secret, request.headers.get("x-hub-signature-256"), body);
      const received = { ...identified(request), payload: jsonText(body), headers: Object.fromEntries(request.headers) };
      await stores.run(() => storeDelivery(wo, received));
      return new Response("null", { headers: { "content-type": "application/json" } });
    },
    { parse: "none" },
  );
};

/** Over the bytes as they came, and compared in constant time. @throws Refused 401 */
function checkSignature(secret: string, given: string | null, body: Uint8Array): void {
  const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const got = Buffer.from(given ?? "");
  if (got.length !== wanted.length || !timingSafeEqual(got, wanted))
    throw new Refused(401, "the signature is missing or wrong: is the webhook secret the same on both sides?");
}

/** @throws Refused 400 */
function identified({ headers }: Request): { uuid: string; event: string } {
  const [uuid, event] = [headers.get("x-github-delivery"), headers.get("x-github-event")];
  if (!uuid || !event) throw new Refused(400, "the headers x-github-delivery and x-github-event are needed");
  for (const [name, value] of headers)
    if (!/^[\x20-\x7e\t]*$/.test(value)) throw new Refused(400, `the header ${name} is not ASCII`);
  return { uuid, event };
}

/** @throws Refused 400 */
function jsonText(body: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch (cause) {
    throw new Refused(400, "the body is not JSON: set the webhook's content type to application/json", { cause });
  }
  throw new Refused(400, "the body is not a JSON object");
}
