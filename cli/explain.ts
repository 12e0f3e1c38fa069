import type { CallFailed } from "../core/client/failure.ts";
import { codeOf, reasonOf } from "../core/common/errors.ts";
import type { Token } from "./profile.ts";

/** Who made the call that failed. */
export interface Caller {
  url: string;
  token: Token;
  /** For what operators do, rather than as a user. */
  admin: boolean;
}

/** What a person can do about a failure, by the code of the network's error or the status of the answer. */
const ADVICE: Record<string, (caller: Caller, said: string) => string> = {
  ENOTFOUND: ({ url }) => `there is no machine called ${URL.parse(url)?.hostname}: is the url right?`,
  ECONNRESET: ({ url }) => `${url} closed the connection without an answer: is it a core, and http or https right?`,
  401: ({ url, token, admin }) =>
    `${url} does not know the token (${token.from}): it may have been revoked, belong to another core, or not be ${admin ? "a user's or the core's admin token" : "a user's"}`,
  403: ({ token, admin }, said) =>
    admin && /lack the privilege/.test(said)
      ? `${said} (the token used was ${token.from}): an operator can grant it to you, or you can use the core's admin token`
      : said,
};

/** The codes that Bun gives to a certificate that it will not have. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/** A failed call in words for the person at the terminal. */
export function explain(error: CallFailed, caller: Caller): string {
  const code = error.code ?? codeOf(error.cause) ?? "";
  if (CERTIFICATE.test(code))
    return `the certificate of ${caller.url} is not trusted (${reasonOf(error.cause)}): if it is your own, name its authority with ca = "/path/to/ca.pem" in the profile, or --ca at login`;
  const said = error.message || `the server answered ${error.status} in words that are not a core's: is ${caller.url} right?`;
  return ADVICE[error.status ?? code]?.(caller, said) ?? said;
}
