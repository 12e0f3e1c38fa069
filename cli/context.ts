import { Client } from "../core/client/client.ts";
import type { CallFailed } from "../core/client/failure.ts";
import { UsageError } from "../core/common/command/failure.ts";
import type { Output } from "../core/common/command/output.ts";
import type { World } from "../core/common/world.ts";
import { explain } from "./explain.ts";
import { type Environment, loadProfile, type Profile, type Token } from "./profile.ts";

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
  /** The name that --profile gave. */
  wantedProfile: string | undefined;
  profile(): Profile;
  /** What could stand in the place of the last word of a command line. */
  complete(words: readonly string[]): Promise<string[]>;
  /** As the user (or the one that it acts for). */
  user(): Client;
  /** For what operators do: the admin token where the profile has one. */
  admin(): Client;
  /** A failed call in words for the person at the terminal. */
  explain(error: CallFailed): string;
}

interface ContextOptions {
  world: World;
  env: Environment;
  out: Output;
  json: boolean;
  signal: AbortSignal;
  wantedProfile: string | undefined;
  delegate: string | undefined;
  complete(words: readonly string[]): Promise<string[]>;
}

export function createContext({ wantedProfile, delegate, ...rest }: ContextOptions): Context {
  const program = wantedProfile === undefined ? "buildomat" : `buildomat -p ${wantedProfile}`;
  let loaded: Profile | undefined;
  const profile = () => {
    loaded ??= loadProfile(rest.env, wantedProfile, rest.out.note);
    return loaded;
  };
  let last: { token: Token; admin: boolean } | undefined;
  const client = (admin: boolean, more: { delegate?: string }) => {
    const { name, url, ca, secret, adminToken } = profile();
    const token = admin ? (adminToken ?? secret) : secret;
    if (!token) throw new UsageError(`profile ${name} has an admin token alone, and this needs a user's: \`${program} login\``);
    last = { token, admin };
    return new Client({ world: rest.world, url, token: token.value, ...(ca === undefined ? {} : { ca }), ...more });
  };
  return {
    ...rest,
    program,
    wantedProfile,
    profile,
    user: () => client(false, delegate === undefined ? {} : { delegate }),
    admin: () => client(true, {}),
    explain: (error) => (last ? explain(error, { url: profile().url, ...last }) : error.message),
  };
}
