import { Client } from "../core/client/client.ts";
import type { Output } from "../core/common/command/output.ts";
import type { World } from "../core/common/world.ts";
import { type Environment, loadProfile, type Profile } from "./profile.ts";

/** What a command has to work with. Nothing is read or connected before it is asked for, so that `--help` needs neither. */
export interface Context {
  world: World;
  env: Environment;
  out: Output;
  /** `--json` was given. */
  json: boolean;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
  /** The beginning of a command line that reaches the same core: `buildomat -p local`. */
  program: string;
  profile(): Profile;
  /** What could stand in the place of the last word of a command line. */
  complete(words: readonly string[]): Promise<string[]>;
  /** As the user (or the one that it acts for). */
  user(): Client;
  /** For what operators do: the admin token where the profile has one. */
  admin(): Client;
}

interface ContextOptions {
  world: World;
  env: Environment;
  out: Output;
  json: boolean;
  signal: AbortSignal;
  profileName: string | undefined;
  delegate: string | undefined;
  complete(words: readonly string[]): Promise<string[]>;
}

export function createContext({ profileName, delegate, ...rest }: ContextOptions): Context {
  let loaded: Profile | undefined;
  const profile = () => {
    loaded ??= loadProfile(rest.env, profileName, rest.out.note);
    return loaded;
  };
  const client = (token: string, more: { delegate?: string }) => {
    const { url, ca } = profile();
    return new Client({ world: rest.world, url, token, ...(ca === undefined ? {} : { ca }), ...more });
  };
  return {
    ...rest,
    program: profileName === undefined ? "buildomat" : `buildomat -p ${profileName}`,
    profile,
    user: () => client(profile().secret, delegate === undefined ? {} : { delegate }),
    admin: () => client(profile().adminToken ?? profile().secret, {}),
  };
}
