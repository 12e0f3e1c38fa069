import { realDisk } from "../../core/common/disk.ts";
import { type ManualWorld, manualWorld } from "../fixture/manual-world.ts";

/** Something that has come to a halt, or will. */
export interface Stop {
  /** Resolves once it is there. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  end(): void;
}

/** A world in which a test can hold up what takes its time. */
export function stoppableWorld(): {
  world: ManualWorld;
  /** Holds up the next commit of an input or output, when it is begun and not yet stored. */
  stopCommit(): Stop;
} {
  let wanted: { reached: () => void; end: Promise<void> } | undefined;
  const disk: typeof realDisk = {
    ...realDisk,
    mkdir: async (path, options) => {
      // The directory of a job's files; that of its chunks is another.
      const stop = path.includes("/file/") ? wanted : undefined;
      if (stop) wanted = undefined;
      stop?.reached();
      await stop?.end;
      return await realDisk.mkdir(path, options);
    },
  };
  return {
    world: { ...manualWorld(), disk },
    stopCommit() {
      const [reached, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      wanted = { reached: reached.resolve, end: end.promise };
      return { reached: reached.promise, end: end.resolve };
    },
  };
}
