import type { Row, Samples } from "./figure.ts";
import type { Programs } from "./service.ts";

/** Rows that one piece of work gives. */
export interface Measure {
  rows: readonly Row[];
  /** One round. @returns a sample of each row that could be measured here */
  run(bench: Bench): Promise<Record<string, number>>;
}

export interface Bench {
  programs: Programs;
  /** Smaller work, for a first look: the figures are rougher. */
  quick: boolean;
}

/** Adds a round to what the earlier ones gave. */
export function collect(samples: Samples, round: Record<string, number>): void {
  for (const [name, value] of Object.entries(round)) samples[name] = [...(samples[name] ?? []), value];
}

/** Calls `work` so many times, one after the other. */
export async function repeat<T>(times: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < times; i++) all.push(await work(i));
  return all;
}
