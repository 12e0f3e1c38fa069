import { BadConfig } from "../common/config.ts";
import { reasonOf } from "../common/errors.ts";
import type { S3Config } from "./config.ts";

/** What calls to S3 are signed with. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of credentials that are good for some hours only. */
  sessionToken?: string | undefined;
  /** When they end. */
  expiration?: Date | undefined;
}

/** Gives the credentials of the moment, fetched anew before they end. @throws Error that says what is missing */
export type CredentialSource = () => Promise<Credentials>;

/**
 * The key of the configuration, or else whatever the AWS SDK finds: environment, profile, role of the container or instance.
 *
 * @throws BadConfig for half a key
 */
export function credentialsFor({ access_key_id: accessKeyId, secret_access_key: secretAccessKey }: S3Config): CredentialSource {
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return async () => ({ accessKeyId, secretAccessKey });
  if (accessKeyId !== secretAccessKey)
    throw new BadConfig("storage.s3: access_key_id and secret_access_key belong together: give both or neither");
  let usual: CredentialSource | undefined;
  return async () => {
    // A part of the SDK, which is large, and only wanted here.
    usual ??= (await import("@aws-sdk/credential-provider-node")).defaultProvider();
    try {
      return await usual();
    } catch (cause) {
      const what = "there are no credentials for S3: give access_key_id and secret_access_key, or the host a role";
      throw new Error(`${what} (${reasonOf(cause)})`, { cause });
    }
  };
}
