interface Line {
  stream: string;
  payload: string;
  task?: number;
}

/** Most events of one request. */
const BATCH = 100;

/** Sends events in order, what there is as soon as the previous request is answered, at most 100 at once. */
export class Uploader {
  readonly #send: (events: object[]) => Promise<unknown>;
  readonly #queue: object[] = [];
  #sending: Promise<void> | undefined;

  constructor(send: (events: object[]) => Promise<unknown>) {
    this.#send = send;
  }

  say(line: Line): void {
    this.#queue.push({ ...line, time: nanoseconds() });
    this.#sending ??= this.#pump();
    // Whoever flushes is told.
    this.#sending.catch(() => {});
  }

  /** Resolves when all that was said has been accepted. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  async #pump(): Promise<void> {
    while (this.#queue.length > 0) await this.#send(this.#queue.splice(0, BATCH));
    this.#sending = undefined;
  }
}

/** The original's clients have nanoseconds in their times. */
const nanoseconds = () => new Date().toISOString().replace("Z", "123456Z");
