import { createHash, createHmac } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";

export const tables = {
  idempotent: Type.Object({
    principal: Type.String(),
    key: Type.String(),
    request: Type.String(),
    answer: Type.String(),
    time: Type.Integer(),
  }),
};

/** How long an answer is kept for a repeated call. */
export const KEPT = 24 * 3600 * 1000;

interface Call {
  core: Core;
  request: Request;
  /** Who calls: keys of one caller mean nothing to another. */
  principal: string;
  /** What is asked for: path and body, or a hash of a body that is too large to hold. */
  asked: unknown;
}

/**
 * Does a creating call once: a call with the same `Idempotency-Key` gets the first answer again, and 409 if it asks for
 * something else. The answer is stored in the transaction of the work itself.
 */
export function once<T>({ core, request, principal, asked }: Call, work: () => T): T {
  const key = request.headers.get("idempotency-key");
  if (!key) return change(core, work);
  if (key.length > 128) throw new Refused(400, "the Idempotency-Key is longer than 128 characters");
  const fingerprint = createHash("sha256")
    .update(`${new URL(request.url).pathname}\n${JSON.stringify(asked)}`)
    .digest("hex");
  return change(core, () => {
    const before = core.db
      .query<{ request: string; answer: string }, [string, string]>(
        "SELECT request, answer FROM idempotent WHERE principal = ? AND key = ?",
      )
      .get(principal, key);
    if (before && before.request !== fingerprint) throw new Refused(409, "this Idempotency-Key was used for another call");
    if (before) return JSON.parse(before.answer) as T;
    const answer = work();
    core.db
      .query("INSERT INTO idempotent (principal, key, request, answer, time) VALUES (?, ?, ?, ?, ?)")
      .run(principal, key, fingerprint, JSON.stringify(answer), core.world.now());
    return answer;
  });
}

/**
 * A token for what a creating call makes. A repeated call must answer with the same one although only its hash is kept, so
 * it comes from the key of the call and the server's secret.
 */
export function tokenFor({ core, request, principal }: Omit<Call, "asked">, length: number): string | undefined {
  const key = request.headers.get("idempotency-key");
  if (!key) return undefined;
  const bytes = createHmac("sha512", core.secret)
    .update(JSON.stringify([principal, request.url, key]))
    .digest();
  return bytes.toString("base64").replace(/[+/=]/g, "").slice(0, length);
}

/** Drops answers that are too old to be asked for again. */
export function forgetOld(core: Core): void {
  core.db.query("DELETE FROM idempotent WHERE time < ?").run(core.world.now() - KEPT);
}
