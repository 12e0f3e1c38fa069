#!/usr/bin/env bun
import { codeOf } from "../core/common/errors.ts";
import { realWorld } from "../core/common/world.ts";
import { dispatch } from "./dispatch.ts";
import { EXIT } from "./failure.ts";
import { processOutput } from "./output.ts";
import { tree } from "./tree.ts";

/** What the shell reports of a program that wrote to a closed pipe, as `buildomat job tail JOB | head` does. */
const BROKEN_PIPE = 141;

const interrupted = new AbortController();

process.stdout.on("error", (error) => process.exit(codeOf(error) === "EPIPE" ? BROKEN_PIPE : EXIT.server));
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // Asked a second time, it goes at once.
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort(new Error("interrupted"));
  });
}

dispatch(tree, process.argv.slice(2), {
  world: realWorld(),
  env: process.env,
  out: processOutput(),
  signal: interrupted.signal,
}).then(
  // What was written last is still on its way to a slow reader.
  (status) => process.stdout.write("", () => process.exit(status)),
  (error: unknown) => {
    console.error(error);
    process.exit(EXIT.server);
  },
);
