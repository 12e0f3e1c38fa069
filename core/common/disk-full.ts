import { codeOf } from "./errors.ts";
import { Refused } from "./refused.ts";

/** How the system and SQLite say that a disk, or its owner's share of it, is full. */
const CODES = new Set(["ENOSPC", "EDQUOT", "SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"]);

/** Whether a write failed for want of space, so that the same one succeeds once there is some. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Refused ? error.status === 507 : CODES.has(codeOf(error) ?? "");

/** What a caller is told then: to clients a 507 is a failure that passes. */
export const diskFull = (cause?: unknown): Refused =>
  new Refused(507, "no space is left on the server's disk: try again once there is", { cause });
