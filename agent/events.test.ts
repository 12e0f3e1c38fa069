import { describe, expect, test } from "bun:test";
import { silent } from "../core/common/logger.ts";
import { realWorld } from "../core/common/world.ts";
import { type AgentEvent, EventLog, type EventLogOptions } from "./events.ts";

/** A log that keeps numbers as the core does; `disturb` may change an answer, after the events are stored. */
class Stored {
  readonly events: AgentEvent[] = [];
  readonly batches: number[] = [];
  disturb: (next: number) => number | undefined = (next) => next;

  readonly append: EventLogOptions["append"] = async (events, first) => {
    this.batches.push(events.length);
    const next = this.events.length + 1;
    if (first <= next) this.events.push(...events.slice(next - first));
    await Promise.resolve();
    return this.disturb(this.events.length + 1);
  };

  get payloads(): string[] {
    return this.events.map(({ payload }) => payload);
  }
}

function aLog(options: Partial<EventLogOptions> = {}) {
  const stored = new Stored();
  const refusals: unknown[] = [];
  const log = new EventLog({
    world: { ...realWorld(), now: () => 0, sleep: () => Promise.resolve() },
    logger: silent,
    append: stored.append,
    onRefused: (error) => refusals.push(error),
    ...options,
  });
  return { log, stored, refusals };
}

describe("an event log", () => {
  test("sends the first line at once, and gathers the next ones meanwhile", async () => {
    const { log, stored } = aLog();
    log.write("stdout", ["a"], 0);
    await Promise.resolve();
    for (const line of ["b", "c", "d"]) log.write("stdout", [line], 0);
    await log.flush();
    expect(stored.payloads).toEqual(["a", "b", "c", "d"]);
    expect(stored.batches).toEqual([1, 3]);
  });

  test("tells stream, task and time of each line", async () => {
    const { log, stored } = aLog();
    log.write("stdout", ["a"], 3);
    log.write("worker", ["b"]);
    await log.flush();
    const time = "1970-01-01T00:00:00.000Z";
    expect(stored.events).toEqual([
      { payload: "a", stream: "stdout", task: 3, time },
      { payload: "b", stream: "worker", time },
    ]);
  });

  test("keeps requests small, by lines and by characters", async () => {
    const { log, stored } = aLog();
    const lines = Array.from({ length: 10_000 }, (_, i) => String(i));
    log.write("stdout", lines);
    log.write("stdout", Array(40).fill("x".repeat(65_536)));
    await log.flush();
    expect(Math.max(...stored.batches)).toBe(4000);
    expect(stored.batches).toHaveLength(4);
    expect(stored.payloads.slice(0, 10_000)).toEqual(lines);
    expect(stored.events).toHaveLength(10_040);
  });

  test("sends again what the core did not take, and only that", async () => {
    const { log, stored } = aLog();
    let part = true;
    const append = stored.append;
    const { log: partly } = aLog({
      append: (events, first) => {
        const some = part && events.length > 2 ? events.slice(0, 2) : events;
        part = false;
        return append(some, first);
      },
    });
    partly.write("stdout", ["a", "b", "c", "d"]);
    await partly.flush();
    expect(stored.payloads).toEqual(["a", "b", "c", "d"]);
    await log.flush();
  });

  test("goes on after a core that has forgotten what it had, and after one that takes nothing for a while", async () => {
    const { log, stored } = aLog();
    log.write("stdout", ["a", "b"]);
    await log.flush();
    stored.events.length = 1;
    log.write("stdout", ["c"]);
    await log.flush();
    expect(stored.payloads).toEqual(["a", "c"]);
  });

  test("asks where to go on when a process before it may have written", async () => {
    const { stored } = aLog();
    await stored.append([{ payload: "old", stream: "stdout", time: "" }], 1);
    const { log } = aLog({ append: stored.append, resumed: true });
    log.write("stdout", ["new"]);
    await log.flush();
    expect(stored.payloads).toEqual(["old", "new"]);
  });

  test("works with a core that does not count", async () => {
    const { log, stored } = aLog();
    stored.disturb = () => undefined;
    log.write("stdout", ["a"]);
    await log.flush();
    log.write("stdout", ["b"]);
    await log.flush();
    expect(stored.payloads).toEqual(["a", "b"]);
  });

  test("asks writers to wait while it is full", async () => {
    const gate = Promise.withResolvers<void>();
    const stored = new Stored();
    const { log } = aLog({
      append: async (events, first) => {
        await gate.promise;
        return await stored.append(events, first);
      },
    });
    log.write("stdout", Array(30_000).fill("x"));
    let room = false;
    const waiting = log.room().then(() => {
      room = true;
    });
    await Bun.sleep(0);
    expect(room).toBe(false);
    gate.resolve();
    await waiting;
    await log.flush();
    expect(stored.events).toHaveLength(30_000);
  });

  test("lets go of everything when it is refused", async () => {
    const { log, refusals } = aLog({ append: () => Promise.reject(new Error("job is complete")) });
    log.write("stdout", Array(30_000).fill("x"));
    await Promise.all([log.flush(), log.room()]);
    log.write("stdout", ["more"]);
    await log.flush();
    expect(refusals.map(String)).toEqual(["Error: job is complete"]);
  });
});
