import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { BadConfig } from "./common/config.ts";
import { reasonOf } from "./common/errors.ts";
import type { Config } from "./config.ts";

/**
 * Certificate and key, looked at before anything is served with them: what would be said of them later names neither file.
 *
 * @throws BadConfig
 */
export function tlsOf({ certificate, key }: NonNullable<Config["tls"]>): Bun.TLSOptions {
  const cert = readPem("tls.certificate", certificate, (pem) => new X509Certificate(pem));
  const secret = readPem("tls.key", key, createPrivateKey);
  if (!cert.parsed.checkPrivateKey(secret.parsed))
    throw new BadConfig(`tls.key: ${key} is not the key of the certificate ${certificate}`);
  return { cert: cert.pem, key: secret.pem };
}

function readPem<T>(name: string, file: string, parse: (pem: string) => T): { pem: string; parsed: T } {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    throw new BadConfig(`${name}: cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
  try {
    return { pem, parsed: parse(pem) };
  } catch (error) {
    const what = pem.includes("ENCRYPTED") ? "is encrypted: the server has no passphrase for it" : "is none in PEM";
    throw new BadConfig(`${name}: ${file} ${what}`, { cause: error });
  }
}
