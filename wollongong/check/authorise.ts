import type { InstallRow } from "../account/table.ts";
import { userById } from "../account/users.ts";
import type { GitHubRepository } from "../github/repository.ts";
import type { Wollongong } from "../wollongong.ts";

/** How long an answer about membership is believed, ms. */
const BELIEVED = 300_000;

interface Belief {
  member: boolean;
  until: number;
}

const beliefs = new WeakMap<Wollongong["github"], Map<string, Belief>>();

/**
 * Whether a user belongs to those whose account the App is installed on: the account itself, or a member of the organisation.
 * Whatever GitHub cannot say now is thrown, and asked again: it never counts as a no.
 */
export async function isOneOfOwners(
  wo: Wollongong,
  { install, github }: { install: InstallRow; github: GitHubRepository },
  user: number,
): Promise<boolean> {
  if (user === install.owner) return true;
  const [owner, login] = [userById(wo, install.owner), userById(wo, user)?.login];
  if (!owner || login === undefined || owner.usertype !== "org") return false;
  const known = beliefs.get(wo.github) ?? new Map<string, Belief>();
  beliefs.set(wo.github, known);
  const key = `${owner.login}/${login}`;
  const belief = known.get(key);
  if (belief && belief.until > wo.world.now()) return belief.member;
  const member = await github.isMember(owner.login, login);
  // A no is asked again: the user may be made a member at any time, and then presses the button.
  if (member) known.set(key, { member, until: wo.world.now() + BELIEVED });
  return member;
}
