import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerPingJob } from "../core/client/operations.ts";
import { silent } from "../core/common/logger.ts";
import { realWorld } from "../core/common/world.ts";
import { FakeCore } from "../test/fake/core-worker.ts";
import type { Paths } from "./paths.ts";
import { runAgent } from "./run.ts";

/** A directory that is gone when it goes out of scope. */
export function aDirectory(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "agent-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export const pathsIn = (directory: string): Paths => ({
  etc: join(directory, "etc"),
  run: join(directory, "run"),
  lib: join(directory, "lib"),
  input: join(directory, "input"),
  socket: join(directory, "sock"),
  shadow: join(directory, "shadow"),
  root: join(directory, "root"),
});

export interface TestAgent extends AsyncDisposable {
  core: FakeCore;
  paths: Paths;
  directory: string;
  /** Resolves when the agent has ended by itself. */
  ended: Promise<void>;
  /** As SIGTERM does. @returns when the agent has ended */
  shutDown(): Promise<void>;
}

/** An agent in a directory of its own, and a core for it alone. */
export function anAgent(prepare: (core: FakeCore, paths: Paths) => void = () => {}, world = realWorld()): TestAgent {
  const directory = aDirectory();
  const core = new FakeCore();
  const paths = pathsIn(directory.path);
  prepare(core, paths);
  const shutdown = new AbortController();
  const ended = runAgent({
    world,
    logger: silent,
    config: { baseurl: core.url, bootstrap: core.key, token: "the-token-of-this-machine" },
    paths,
    limits: { singleId: false, processes: undefined },
    shutdown: shutdown.signal,
  });
  const shutDown = () => {
    shutdown.abort();
    core.ring();
    return ended;
  };
  return {
    core,
    paths,
    directory: directory.path,
    ended,
    shutDown,
    async [Symbol.asyncDispose]() {
      // A failure is the test's to look at.
      await Promise.allSettled([shutDown()]);
      await core.stop();
      directory[Symbol.dispose]();
    },
  };
}

/** Gives the agent a job and waits for its end. @returns the core, which knows how it went */
export async function done({ core }: TestAgent, job: WorkerPingJob): Promise<FakeCore> {
  core.say({ job });
  await core.until(() => core.completed !== undefined);
  return core;
}

/** Whether a process of this number runs. */
export function runs(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}
