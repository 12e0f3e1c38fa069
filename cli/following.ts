import { follow } from "../core/client/follow.ts";
import { EXIT, Exit } from "../core/common/command/failure.ts";
import { inWords } from "../core/common/duration.ts";
import { eventLine } from "../core/common/event-line.ts";
import type { Context } from "./context.ts";
import { eventText } from "./event.ts";

export interface FollowingOptions {
  from?: number;
  /** Say on stderr how long each state lasted. */
  timing?: boolean;
}

/** Prints what a job does until it is over. @returns the exit status that its end asks for */
export async function printJob(
  context: Context,
  job: string,
  { from = 1, timing = false }: FollowingOptions = {},
): Promise<number> {
  const { out, json, signal, world } = context;
  const news = follow(context.user(), job, { from, signal, onRetry: (error) => out.note(`${error.message}; trying again`) });
  let state = "";
  let since = world.now();
  try {
    for await (const one of news) {
      if ("events" in one) {
        await out.lines(one.events.map(json ? eventLine : eventText));
        continue;
      }
      if (!json) await out.line(`STATE CHANGE: ${state} -> ${one.state}`);
      if (timing && state) out.note(`${state} for ${inWords(world.now() - since)}`);
      state = one.state;
      since = world.now();
    }
  } catch (error) {
    if (signal.aborted) throw detached(context, job);
    throw error;
  }
  return state === "completed" ? EXIT.ok : EXIT.jobFailed;
}

/** Ctrl-C ends the watching, not the job. */
function detached({ program }: Context, job: string): Exit {
  const message = [
    "",
    `detached; the job goes on. Follow it again with  ${program} job tail ${job}`,
    `                           or cancel it with     ${program} job cancel ${job}`,
  ].join("\n");
  return new Exit(EXIT.interrupted, message);
}
