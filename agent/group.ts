import { codeOf } from "../core/common/errors.ts";
import type { World } from "../core/common/world.ts";
import { livingProcesses } from "./processes.ts";

const LOOK_EVERY = 20;
/** How long a killed process may take to go: one that waits for a broken disk never does, ms. */
const DYING = 5_000;

/**
 * Everything that a command left running in its session, also in the process groups that a shell with job control makes.
 *
 * A signal goes only to a group of which a living member was just seen: a number that nobody bears any more may already be
 * another's.
 *
 * @param session process id of the command, which was started as the leader of a session
 * @param grace between asking and making them, ms
 * @returns whether all are gone
 */
export async function stopSession(world: World, session: number, grace: number): Promise<boolean> {
  for (const group of groupsOf(session)) signalGroup(group, "SIGTERM");
  if (await gone(world, session, grace)) return true;
  return await gone(world, session, DYING, (group) => signalGroup(group, "SIGKILL"));
}

/** Waits for up to `ms`, by a timer: the time of day may be set meanwhile. Each group that is still there goes to `found`. */
async function gone(world: World, session: number, ms: number, found: (group: number) => void = () => {}): Promise<boolean> {
  let late = false;
  const cancel = world.after(ms, () => {
    late = true;
  });
  try {
    for (;;) {
      const groups = groupsOf(session);
      if (groups.size === 0) return true;
      if (late) return false;
      groups.forEach(found);
      await world.sleep(LOOK_EVERY);
    }
  } finally {
    cancel();
  }
}

function signalGroup(group: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // What has just ended needs no signal; what may not be signalled shows itself by staying.
    if (codeOf(error) !== "ESRCH" && codeOf(error) !== "EPERM") throw error;
  }
}

/** Process groups with a living member in the session. */
const groupsOf = (session: number): Set<number> =>
  new Set(
    livingProcesses()
      .filter((process) => process.session === session)
      .map(({ group }) => group),
  );
