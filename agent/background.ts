import type { EventLog } from "./events.ts";
import { type Command, Exec, type ExecOptions, type Exit } from "./exec.ts";

/** Of streams: at most 64 characters in all, of which `bg.` and `.stdout` need ten; a dot would end the name for a viewer. */
const NAME = /^[A-Za-z0-9_-]{1,54}$/;
/** Between asking a background process to end and making it, when its task is over and when its job is halted, ms. */
const GRACE = 10_000;
const GRACE_HALTED = 1_000;
/** How long an output may stay open when all of the process's session has gone, ms. */
const LAG = 5_000;

export interface BackgroundOptions {
  exec: ExecOptions;
  log: EventLog;
  /** Ordinal of the task. */
  task: number;
  /** Fires when nothing of the job is wanted any more. */
  halt: AbortSignal;
  /** Waits until the log has room for more lines. */
  room(): Promise<void>;
}

/** Processes that one task has put in the background; none outlives it. */
export class Background {
  readonly #options: BackgroundOptions;
  readonly #running = new Map<string, { exec: Exec; over: Promise<void> }>();
  #closed = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /**
   * Starts a process whose output goes to the streams `bg.NAME.stdout` and `bg.NAME.stderr`.
   *
   * @param name free again only when the start fails
   * @throws Error that says why it was not started
   */
  start(name: string, command: Command): void {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a process: 1 to 54 of A-Z a-z 0-9 _ -`);
    if (this.#closed) throw new Error("the task is ending: no more processes can be started");
    if (this.#running.has(name)) throw new Error(`this task has already started a process ${name}`);
    const { exec: options, log, task, halt, room } = this.#options;
    const exec = new Exec(options, command, {
      lines: (output, lines) => log.write(`bg.${name}.${output}`, lines, task),
      broken: (output, reason) => log.write(`bg.${name}`, [`cannot read ${output} any further: ${reason}`], task),
      room,
    });
    this.#running.set(name, { exec, over: this.#report(name, exec) });
    halt.addEventListener("abort", () => void exec.stop(GRACE_HALTED), { once: true });
  }

  async #report(name: string, exec: Exec): Promise<void> {
    const exit = await exec.exited;
    await exec.drained(LAG, this.#options.halt);
    this.#say(name, inWords(exit));
  }

  /** What they are at, as lines for a person. */
  describe(): string[] {
    return [...this.#running].flatMap(([name, { exec }]) => {
      const lines = exec.describe();
      return lines.length > 0 ? [`in the background, ${name}:`, ...lines] : [];
    });
  }

  /** Ends all of them, and reads what they still say. */
  async stop(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#running].map(async ([name, { exec, over }]) => {
        const gone = await exec.stop(this.#options.halt.aborted ? GRACE_HALTED : GRACE);
        if (!gone) this.#say(name, "cannot be ended, not even by SIGKILL");
        if (gone) await over;
        await exec.giveUp();
      }),
    );
  }

  #say(name: string, text: string): void {
    this.#options.log.write(`bg.${name}`, [text], this.#options.task);
  }
}

const inWords = ({ code, signal }: Exit) => (signal === undefined ? `exited with code ${code}` : `ended by signal ${signal}`);
