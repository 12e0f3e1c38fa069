import type { BoxConfig, BoxStart } from "../../common/box.ts";
import type { IdMap } from "./map.ts";
import { type Entered, enter } from "./namespaces.ts";

const LAST_LINES = 50;

interface BoxOptions {
  map: IdMap;
  config: BoxConfig;
  /** See `EnterOptions`. */
  confine?(pid: number): void;
}

/** One box: a fresh machine in namespaces of its own, in which an agent waits for its `BoxStart`, and then works. */
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

  /** Resolves once its agent waits. @throws Error with the box's last words */
  static async start({ map, config, confine }: BoxOptions): Promise<Box> {
    const said: string[] = [];
    const ready = Promise.withResolvers<void>();
    const line = (text: string, stream: "out" | "err") => {
      if (stream === "out" && text === "R") return ready.resolve();
      said.push(text);
      if (said.length > LAST_LINES) said.shift();
    };
    const entered = await enter([config.agent, "box", JSON.stringify(config)], {
      map,
      ownNetwork: config.socket !== undefined,
      ...(confine ? { confine } : {}),
      line,
    });
    const early = entered.ended.then((code) => {
      throw new Error(`sandbox: the box ended with code ${code}: ${said.join("; ") || "it said nothing"}`);
    });
    await Promise.race([ready.promise, early]);
    early.catch(() => {});
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
