import type { BoxStart } from "../../common/box.ts";
import type { Box } from "./box.ts";
import type { Root } from "./pool.ts";

/** Makes what runs one job: boxes (`boxes.ts`), or plain processes where the operator has asked for those (`plain.ts`). */
export interface Maker {
  /** What every agent that begins now is told. */
  common(): Omit<BoxStart, "name" | "bootstrap">;
  /** Something in which an agent waits for its start. @throws Error with what the kernel or the agent said */
  start(slot: number, root: Root): Promise<Box>;
  /** What people should know about what runs on that root. */
  details(root: Root): Record<string, string>;
  /** Deletes everything; all that was started must have ended. */
  close(): Promise<void>;
}
