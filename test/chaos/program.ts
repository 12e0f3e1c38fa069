import { basename } from "node:path";
import { eachLine } from "../../core/provider/sandbox/lines.ts";

export interface ProgramOptions {
  /** Paths of modules that run before it. */
  preload?: string[];
  /** Beside the environment of the tests. */
  env?: Record<string, string>;
}

/** One of our programs as a process of its own, with all that it says. */
export class Program {
  readonly said: string[] = [];
  /** Exit code, once it is gone and everything it said was read. */
  readonly ended: Promise<number>;
  readonly #child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  readonly #name: string;
  #over = false;
  #news = Promise.withResolvers<void>();

  /** @param main path of the program's entry, run by this very bun */
  constructor(main: string, args: string[], { preload = [], env = {} }: ProgramOptions = {}) {
    this.#name = basename(main);
    const before = preload.flatMap((path) => ["--preload", path]);
    this.#child = Bun.spawn([process.execPath, ...before, main, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
    });
    const read = eachLine(this.#child.stderr, (line) => {
      this.said.push(line);
      this.#tell();
    });
    this.ended = this.#child.exited.then(async (code) => {
      await read;
      this.#over = true;
      this.#tell();
      return code;
    });
  }

  /** The first line that it says, or has said, with `text` in it. @throws Error with its last words when it ends without */
  async line(text: string): Promise<string> {
    for (;;) {
      const found = this.said.find((line) => line.includes(text));
      if (found !== undefined) return found;
      if (this.#over) throw new Error(`${this.#name} ended: ${this.said.slice(-5).join("\n")}`);
      await this.#news.promise;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it without a word. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** Asks it to end. @returns its exit code */
  async stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    return await this.ended;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
