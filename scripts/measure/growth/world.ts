import { setImmediate } from "node:timers/promises";
import { monotonicFactory } from "ulid";
import { realDisk } from "../../../core/common/disk.ts";
import type { Answering } from "../../../core/common/thread.ts";
import { realWorld, type World } from "../../../core/common/world.ts";
import { Clock } from "../../../test/sim/clock.ts";
import { START } from "./plan.ts";

const ALL = { name: "all", alive: true, frozenUntil: 0 };

/** A clock that jumps from one thing to the next; files, threads and chance are real. */
export class Time {
  readonly world: World;
  readonly #clock = new Clock();
  /** Real work, during which the clock stands still. */
  readonly #busy = new Set<Promise<unknown>>();

  constructor() {
    this.#clock.now = START;
    const next = monotonicFactory();
    this.world = {
      ...realWorld(),
      disk: { ...realDisk, rm: (path, options) => this.instantly(realDisk.rm(path, options)) },
      now: () => this.now,
      id: () => next(this.now),
      after: (ms, fn) => this.#clock.after(ALL, ms, "", fn),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get now(): number {
    return this.#clock.now;
  }

  at(time: number, happen: () => void): void {
    this.#clock.after(ALL, time - this.now, "", happen);
  }

  /** Lets the next thing happen, and what comes of it at once. */
  async step(): Promise<void> {
    this.#clock.step();
    await setImmediate();
    while (this.#busy.size > 0) {
      await Promise.allSettled(this.#busy);
      await setImmediate();
    }
  }

  /** Lets real work take no time of this clock. */
  instantly<T>(work: Promise<T>): Promise<T> {
    this.#busy.add(work);
    return work.finally(() => this.#busy.delete(work));
  }

  /** A thread that takes no time of this clock. */
  instant<Ask, Answer>(thread: Answering<Ask, Answer>): Answering<Ask, Answer> {
    return { ask: (ask) => this.instantly(thread.ask(ask)), close: () => thread.close() };
  }

  async #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.world.after(ms, resolve);
    const end = () => resolve();
    signal?.addEventListener("abort", end, { once: true });
    await promise;
    signal?.removeEventListener("abort", end);
    cancel();
  }
}
