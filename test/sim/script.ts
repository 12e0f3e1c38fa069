import type { Command, Exit, Listener, Running } from "../../agent/exec.ts";
import { KILLED } from "../../agent/exec.ts";
import type { World } from "../../core/common/world.ts";

/** What a simulated task does, one step after the other; the text of its script is the JSON of it. */
export type Step =
  /** So many numbered lines, one every so many ms. */
  | { print: number; every: number }
  | { pause: number }
  /** Puts a value into the job's store. */
  | { store: string }
  /** Leaves a file that an output rule names. */
  | { output: string; bytes: number }
  /** Looks at an input. */
  | { input: string; sha256: string }
  | { exit: number };

/** What a machine does for its tasks. */
export interface Machinery {
  world: World;
  /** A line of a task that was never printed before. */
  line(task: number): string;
  store(name: string): Promise<void>;
  output(path: string, bytes: number): void;
  input(name: string, sha256: string): void;
  ended(task: number): void;
}

/** Plays a script as a command that runs. */
export function play(machinery: Machinery, steps: readonly Step[], { env }: Command, listener: Listener): Running {
  const task = Number(env["BUILDOMAT_TASK_ID"]);
  const { world } = machinery;
  const ended = Promise.withResolvers<Exit>();
  const killed = new AbortController();
  const run = async () => {
    for (const step of steps) {
      if (killed.signal.aborted) return;
      if ("exit" in step) return step.exit;
      await perform(machinery, step, task, listener, killed.signal);
    }
    return 0;
  };
  void run().then(
    (code) => {
      if (code === undefined) return;
      machinery.ended(task);
      ended.resolve({ code, signal: undefined, time: world.now() });
    },
    // A step that cannot be done ends the task as a command that fails would.
    () => ended.resolve({ code: 1, signal: undefined, time: world.now() }),
  );
  killed.signal.addEventListener("abort", () => ended.resolve({ code: KILLED, signal: 15, time: world.now() }));
  return {
    exited: ended.promise,
    open: [],
    drained: async () => true,
    stop: async () => {
      killed.abort();
      return true;
    },
    giveUp: async () => {},
    describe: () => [],
  };
}

async function perform(
  machinery: Machinery,
  step: Exclude<Step, { exit: number }>,
  task: number,
  listener: Listener,
  killed: AbortSignal,
): Promise<void> {
  const { world } = machinery;
  if ("pause" in step) return await world.sleep(step.pause, killed);
  if ("store" in step) return await machinery.store(step.store);
  if ("output" in step) return machinery.output(step.output, step.bytes);
  if ("input" in step) return machinery.input(step.input, step.sha256);
  for (let i = 0; i < step.print && !killed.aborted; i++) {
    listener.lines("stdout", [machinery.line(task)]);
    await listener.room();
    if (step.every > 0) await world.sleep(step.every, killed);
  }
}
