import { createPublicKey, createVerify, generateKeyPairSync } from "node:crypto";
import type { Account, Installation, Permissions } from "./state.ts";

/** Who is calling. */
export type Caller =
  | { kind: "anonymous" }
  | { kind: "app" }
  | { kind: "user"; account: Account }
  | { kind: "installation"; installation: Installation; token: InstallationToken };

export interface InstallationToken {
  token: string;
  installation: number;
  /** Milliseconds since the epoch. */
  expires: number;
  permissions: Permissions;
  /** Ids; undefined: all that the installation sees. */
  repositories: Set<number> | undefined;
}

/** @returns PEM as GitHub gives it to the owner of an App (PKCS#1) */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}

/**
 * Checks the JSON web token by which an App shows who it is (RS256).
 *
 * @param now seconds since the epoch
 * @returns what GitHub would have against it, or undefined
 */
export function faultOfAppToken(jwt: string, privateKey: string, appId: number, now: number): string | undefined {
  const [head = "", body = "", signature = ""] = jwt.split(".");
  const claims = decode(body);
  if (decode(head)?.["alg"] !== "RS256" || !claims) return "A JSON web token could not be decoded";
  const verify = createVerify("RSA-SHA256").update(`${head}.${body}`);
  if (!verify.verify(createPublicKey(privateKey), signature, "base64url")) return "A JSON web token could not be decoded";
  const { iat, exp, iss } = claims;
  if (String(iss) !== String(appId)) return "Integration not found";
  if (typeof iat !== "number" || iat > now)
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  if (typeof exp !== "number" || exp <= now)
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  if (exp > now + 600) return "'Expiration time' claim ('exp') is too far in the future";
  return undefined;
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** The token in a header: `Bearer X`, `token X`, or basic authentication with it as the password. */
export function tokenIn(authorization: string | null): string | undefined {
  const [scheme = "", value = ""] = (authorization ?? "").split(" ");
  if (/^(bearer|token)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return undefined;
  return Buffer.from(value, "base64").toString().split(":").slice(1).join(":");
}
