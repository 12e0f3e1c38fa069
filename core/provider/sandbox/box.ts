import type { BoxConfig, BoxStart } from "../../common/box.ts";
import { type Entered, type EnterOptions, enter } from "./namespaces.ts";

const LAST_LINES = 50;

/** What runs one job: a fresh machine, in which an agent waits for its `BoxStart` and then works. */
export class Box {
  readonly #entered: Entered;
  readonly #said: string[];
  /** Exit code of the agent; undefined while it runs. */
  code: number | undefined;

  private constructor(entered: Entered, said: string[]) {
    this.#entered = entered;
    this.#said = said;
    const note = (code: number) => {
      this.code = code;
    };
    entered.ended.then(note, () => note(1));
  }

  /**
   * Resolves once the agent in it waits.
   *
   * @param enter starts the agent, and passes on the lines that it writes
   * @throws Error with the agent's last words
   */
  static async start(enter: (line: EnterOptions["line"]) => Promise<Entered>): Promise<Box> {
    const said: string[] = [];
    const ready = Promise.withResolvers<void>();
    const entered = await enter((text, stream) => {
      if (stream === "out" && text === "R") return ready.resolve();
      said.push(text);
      if (said.length > LAST_LINES) said.shift();
    });
    const early = entered.ended.then((code) => {
      throw new Error(`sandbox: the box ended with code ${code}: ${said.join("; ") || "it said nothing"}`);
    });
    await Promise.race([ready.promise, early]);
    return new Box(entered, said);
  }

  get pid(): number {
    return this.#entered.init.pid;
  }

  /** Resolves with the agent's exit code once every process of the box is gone. */
  get ended(): Promise<number> {
    return this.#entered.ended;
  }

  /** The last that its agent wrote to its own output, and how it ended. */
  get words(): string[] {
    return this.code === undefined ? [...this.#said] : [...this.#said, `the sandbox ended with exit code ${this.code}`];
  }

  /** Lets the waiting agent work. Never in its arguments or environment, where a job could read it. */
  go(start: BoxStart): void {
    this.#entered.send(JSON.stringify(start));
  }

  /** Kills all of it. Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    await this.#entered.kill();
  }
}

interface BoxOptions extends Pick<EnterOptions, "map" | "groups" | "born"> {
  config: BoxConfig;
}

/** Starts a box in namespaces of its own. See `Box.start`. */
export function startBox({ config, ...options }: BoxOptions): Promise<Box> {
  const argv = [config.agent, "box", JSON.stringify(config)];
  return Box.start((line) => enter(argv, { ...options, line, ownNetwork: config.socket !== undefined }));
}
