import { codeOf, reasonOf } from "../errors.ts";
import type { Program } from "./command.ts";
import { dispatch, type Surroundings } from "./dispatch.ts";
import { EXIT } from "./failure.ts";
import { processOutput } from "./output.ts";

/** What the shell reports of a program that wrote to a closed pipe, as `buildomat job tail JOB | head` does. */
const BROKEN_PIPE = 141;

/** Runs a program with the command line of this process, and ends the process. Ctrl-C is told to it once, and ends it then. */
export function runMain<C>(program: (around: Surroundings) => Program<C>): void {
  const interrupted = new AbortController();
  const around = { out: processOutput(), signal: interrupted.signal };
  process.stdout.on("error", (error) => {
    if (codeOf(error) === "EPIPE") process.exit(BROKEN_PIPE);
    around.out.note(`ERROR: cannot write to standard output: ${reasonOf(error)}`);
    process.exit(EXIT.usage);
  });
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      // Asked a second time, it goes at once.
      if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
      interrupted.abort(new Error("interrupted"));
    });
  }
  dispatch(program(around), process.argv.slice(2), around).then(
    // What was written last is still on its way to a slow reader.
    (status) => process.stdout.write("", () => process.exit(status)),
    (error: unknown) => {
      console.error(error);
      process.exit(EXIT.server);
    },
  );
}
