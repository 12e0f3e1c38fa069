import { monotonicFactory } from "ulid";
import type { Disk } from "../../core/common/disk.ts";
import type { World } from "../../core/common/world.ts";
import type { Actor, Clock } from "./clock.ts";
import { SimulatedDisk } from "./disk.ts";
import type { Network } from "./network.ts";
import type { Random } from "./random.ts";

/** What a process is thrown out with when it is killed: nothing it does from there on reaches the outside. */
export class Killed extends Error {}

export interface ProcessOptions {
  clock: Clock;
  network: Network;
  random: Random;
  name: string;
  /** How far its clock is off, ms. */
  skew?: number;
  /** Directory of its machine, where it has one of its own: what it knows as /work lies there. */
  root?: string | undefined;
}

/** A process with the world as it sees it. It can be stopped for a while, and killed at any moment. */
export class Process implements Actor {
  readonly name: string;
  readonly world: World;
  readonly random: Random;
  readonly clock: Clock;
  alive = true;
  frozenUntil = 0;
  /** Messages from and to it are lost until then, ms. */
  cutUntil = 0;
  /** After so many more dealings with the outside it is killed, in the middle of what it does. */
  fuse: number | undefined;
  /** Told once when it is killed. */
  readonly #mourners = new Set<() => void>();

  constructor({ clock, network, random, name, skew = 0, root }: ProcessOptions) {
    this.name = name;
    this.clock = clock;
    this.random = random.fork(name);
    const ids = monotonicFactory(() => this.random.next());
    const now = () => {
      this.touch();
      return clock.now + skew;
    };
    const after = (ms: number, fn: () => void) => {
      this.touch();
      return clock.after(this, ms, "timer", fn);
    };
    const disk: Disk = new SimulatedDisk(this, root);
    this.world = {
      now,
      after,
      disk,
      id: () => ids(now()),
      random: (count) => this.random.bytes(count),
      sleep: (ms, signal) => sleep(after, ms, signal),
      fetch: (url, init) => network.fetch(this, url, init),
    };
  }

  /** Called at every dealing with the outside. @throws Killed */
  touch(): void {
    if (this.fuse !== undefined && --this.fuse <= 0) this.kill();
    if (!this.alive) throw new Killed(`${this.name} was killed`);
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    for (const tell of this.#mourners) tell();
  }

  /** @returns what takes it back */
  onDeath(tell: () => void): () => void {
    this.#mourners.add(tell);
    return () => void this.#mourners.delete(tell);
  }
}

function sleep(after: World["after"], ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
