import { join } from "node:path";
import { reasonOf } from "./errors.ts";
import type { World } from "./world.ts";

/** How long a thread without work is kept, ms. */
const IDLE = 30_000;

interface Question<Ask> {
  number: number;
  ask: Ask;
}

type Reply<Answer> = { number: number; answer: Answer } | { number: number; error: string };

/** Who answers questions elsewhere, so that the serving thread need not wait. */
export interface Answering<Ask, Answer> {
  ask(ask: Ask): Promise<Answer>;
  /** Ends the work; whoever waits is told. */
  close(): void;
}

/**
 * A Worker thread that answers questions, several at a time. It starts with the first one and ends when nobody has asked
 * for a while; should it die, whoever waits is told and the next question starts another.
 */
export class Thread<Ask, Answer> implements Answering<Ask, Answer> {
  readonly #file: string;
  readonly #world: World;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #worker: Worker | undefined;
  #number = 0;
  #cancelEnd: (() => void) | undefined;

  /** @param file the module that calls `answerQuestions`, as a path from the repository's root */
  constructor(world: World, file: string) {
    this.#world = world;
    this.#file = file;
  }

  /** @throws Error with the message of what went wrong in the thread */
  ask(ask: Ask): Promise<Answer> {
    this.#cancelEnd?.();
    this.#worker ??= this.#start();
    const number = ++this.#number;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.set(number, waiting);
    this.#worker.postMessage({ number, ask } satisfies Question<Ask>);
    return waiting.promise;
  }

  close(): void {
    this.#cancelEnd?.();
    this.#worker?.terminate();
    this.#lost("the thread was stopped");
  }

  #start(): Worker {
    // The pages bring the browser's types, where a worker has less than bun's.
    const worker = new Worker(locate(this.#file)) as Worker & Pick<Bun.Worker, "unref">;
    // Its work is worth finishing, but a program that wants to end need not wait for the thread itself.
    worker.unref();
    worker.onmessage = ({ data }: MessageEvent<Reply<Answer>>) => this.#hear(data);
    worker.onerror = ({ message }) => {
      if (this.#worker === worker) this.#lost(`the thread has failed: ${message}`);
    };
    worker.addEventListener("close", () => {
      if (this.#worker === worker) this.#lost("the thread has ended");
    });
    return worker;
  }

  #hear(reply: Reply<Answer>): void {
    const waiting = this.#waiting.get(reply.number);
    this.#waiting.delete(reply.number);
    if ("error" in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.answer);
    if (this.#waiting.size === 0) this.#cancelEnd = this.#world.after(IDLE, () => this.close());
  }

  #lost(why: string): void {
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Error(why));
  }
}

declare const self: Worker;

/** Called by the module of a thread: `work` answers each question; what it throws reaches whoever asked. */
export function answerQuestions<Ask, Answer>(work: (ask: Ask) => Answer | Promise<Answer>): void {
  self.onmessage = async ({ data: { number, ask } }: MessageEvent<Question<Ask>>) => {
    try {
      postMessage({ number, answer: await work(ask) } satisfies Reply<Answer>);
    } catch (error) {
      postMessage({ number, error: reasonOf(error) } satisfies Reply<Answer>);
    }
  };
}

/** A compiled program finds its threads by their path from the root that it was built with (`bun build --root .`). */
const locate = (file: string) => (import.meta.dir.startsWith("/$bunfs/") ? `./${file}` : join(import.meta.dir, "../..", file));
