import type { CallFailed } from "../core/client/failure.ts";
import { codeOf, reasonOf } from "../core/common/errors.ts";
import type { Profile } from "./profile.ts";

/** What a person can do about a failure, by the code of the network's error or the status of the answer. */
const ADVICE: Record<string, (profile: Profile) => string> = {
  ENOTFOUND: ({ url }) => `there is no machine called ${URL.parse(url)?.hostname}: is the url of the profile right?`,
  ECONNRESET: ({ url }) => `${url} closed the connection without an answer: is it a core, and http or https right?`,
  401: ({ url, name }) =>
    `${url} does not know the ${name === undefined ? "token in $INPUT_SECRET" : `token of profile ${name}`}: it may have been revoked, or belong to another core`,
};

/** The codes that Bun gives to a certificate that it will not have. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/** A failed call in words for the person at the terminal. */
export function explain(error: CallFailed, profile: Profile): string {
  const code = error.code ?? codeOf(error.cause) ?? "";
  if (CERTIFICATE.test(code))
    return `the certificate of ${profile.url} is not trusted (${reasonOf(error.cause)}): if it is your own, name its authority in the profile: ca = "/path/to/ca.pem"`;
  const advice = ADVICE[error.status ?? code]?.(profile);
  const said = error.message || `the server answered ${error.status} in words that are not a core's: is ${profile.url} right?`;
  return advice ?? said;
}
