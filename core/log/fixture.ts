import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bells } from "../common/bells.ts";
import { realWorld, type World } from "../common/world.ts";
import { type LogEvent, Logs, type NewEvent } from "./logs.ts";

export const ID = "01HZZZZZZZZZZZZZZZZZZZZZZ7";

export interface LogsAt {
  logs: Logs;
  bells: Bells;
  dir: string;
  world: World;
}

/** Logs in a directory of their own, or opened again on that of others. */
export function someLogs(dir = mkdtempSync(join(tmpdir(), "logs-")), world = realWorld()): LogsAt {
  const bells = new Bells();
  return { logs: new Logs({ dir, world, bells }), bells, dir, world };
}

export const line = (payload: string): NewEvent => ({ stream: "stdout", time: "2026-01-02T03:04:05.678Z", payload, task: 0 });

/** Lines `from` to `from + count - 1`, each saying its number. */
export const numbered = (from: number, count: number): NewEvent[] =>
  Array.from({ length: count }, (_, i) => line(`line ${from + i}`));

export const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

export const payloads = (events: readonly LogEvent[]) => events.map((event) => event.payload);
