import { writeSync } from "node:fs";
import { codeOf } from "../../core/common/errors.ts";
import type { World } from "../../core/common/world.ts";
import type { Surroundings } from "./command.ts";
import { connect } from "./connection.ts";

/** The process that we are. */
export const here = (world: World, socket: string): Surroundings => ({
  connect: () => connect(socket),
  print: (text) => writeAll(1, text),
  warn: (line) => writeAll(2, `${line}\n`),
  stdin: () => Bun.stdin.bytes(),
  sleep: (ms) => world.sleep(ms),
  now: () => world.now(),
  env: process.env,
  cwd: () => process.cwd(),
});

/** Writes before it returns, so that nothing is lost when the program ends. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // Somebody has made the other end one that does not wait.
      if (codeOf(error) !== "EAGAIN") throw error;
      Bun.sleepSync(1);
    }
  }
}
