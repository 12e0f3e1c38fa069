import type { Logger } from "../core/common/logger.ts";
import type { World } from "../core/common/world.ts";

/** One line on its way to the core. */
export interface AgentEvent {
  payload: string;
  stream: string;
  /** Ordinal of the task in its job. */
  task?: number;
  /** RFC 3339, by this machine's clock. */
  time: string;
}

/** Lines that came together: kept so until they are sent, because there may be a million a second. */
interface Block {
  stream: string;
  task: number | undefined;
  time: number;
  lines: string[];
}

export interface EventLogOptions {
  world: World;
  logger: Logger;
  /**
   * Appends events, the first of which has the number `first` in this writer's own count from 1; retries what may pass.
   * Answers the number that the log wants next; undefined from a core that does not count.
   */
  append(events: AgentEvent[], first: number): Promise<number | undefined>;
  /** The log may hold events of an earlier process of this writer: ask where to go on. */
  resumed?: boolean;
  /** The core will not take any more. */
  onRefused(error: unknown): void;
}

/** Bounds of one request. A character takes at most six bytes in JSON, and the core takes 10 MiB. */
const MOST_EVENTS = 4000;
const MOST_CHARACTERS = 1_500_000;
/** What may wait here before whoever writes should wait too: lines, characters. */
const ENOUGH_LINES = 20_000;
const ENOUGH_CHARACTERS = 4_000_000;
/** Pause before the core is asked again, when it took nothing and gave no reason, ms. */
const STUCK = 1000;

/**
 * Carries events to a log of the core, in order, none lost and none twice: a lost reply or a batch that comes again
 * changes nothing, because every event has a number. The first line goes at once; while a request is under way the next
 * batch gathers.
 */
export class EventLog {
  readonly #options: EventLogOptions;
  #blocks: Block[] = [];
  #lines = 0;
  #characters = 0;
  #written = 0;
  #settled = 0;
  #next: number | undefined;
  #sending = false;
  #refused = false;
  #flushing: { upTo: number; done: () => void }[] = [];
  #roomy = Promise.withResolvers<void>();

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#next = options.resumed ? undefined : 1;
  }

  /** Takes lines; never waits. Who writes much asks for `room` in between. */
  write(stream: string, lines: string[], task?: number): void {
    if (this.#refused || lines.length === 0) return;
    this.#blocks.push({ stream, task, time: this.#options.world.now(), lines });
    this.#lines += lines.length;
    this.#written += lines.length;
    for (const line of lines) this.#characters += line.length;
    if (this.#sending) return;
    this.#sending = true;
    // What is written in the same instant goes in the same request.
    queueMicrotask(() => void this.#send());
  }

  /** Resolves when there is room for more. */
  room(): Promise<void> {
    return this.#full() ? this.#roomy.promise : Promise.resolve();
  }

  /** Resolves once the core has everything written so far, or refuses it. */
  flush(): Promise<void> {
    if (this.#settled >= this.#written) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#flushing.push({ upTo: this.#written, done: resolve });
    return promise;
  }

  #full(): boolean {
    return this.#lines > ENOUGH_LINES || this.#characters > ENOUGH_CHARACTERS;
  }

  async #send(): Promise<void> {
    try {
      while (this.#lines > 0) {
        const batch = this.#take();
        await this.#deliver(batch);
        this.#settle(batch.length);
      }
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#sending = false;
    }
  }

  async #deliver(batch: AgentEvent[]): Promise<void> {
    const { append, world, logger } = this.#options;
    let first = this.#next ?? (await append([], 1)) ?? 1;
    for (let rest = batch; rest.length > 0; ) {
      const next: number = (await append(rest, first)) ?? first + rest.length;
      const taken = next - first;
      if (taken < 0) logger.warn("the core has lost events that it had acknowledged", { lost: -taken });
      if (taken === 0) await world.sleep(STUCK);
      if (taken > 0) rest = rest.slice(taken);
      first = next;
      this.#next = next;
    }
  }

  #take(): AgentEvent[] {
    const batch: AgentEvent[] = [];
    let characters = 0;
    let whole = 0;
    for (const block of this.#blocks) {
      const { stream, task } = block;
      const time = new Date(block.time).toISOString();
      let used = 0;
      for (const payload of block.lines) {
        if (batch.length === MOST_EVENTS || (batch.length > 0 && characters + payload.length > MOST_CHARACTERS)) break;
        batch.push(task === undefined ? { payload, stream, time } : { payload, stream, task, time });
        characters += payload.length;
        used++;
      }
      if (used < block.lines.length) {
        block.lines = block.lines.slice(used);
        break;
      }
      whole++;
    }
    this.#blocks.splice(0, whole);
    this.#lines -= batch.length;
    this.#characters -= characters;
    if (!this.#full()) this.#makeRoom();
    return batch;
  }

  #settle(count: number): void {
    this.#settled += count;
    while (this.#flushing[0] && this.#flushing[0].upTo <= this.#settled) this.#flushing.shift()?.done();
  }

  #refuse(error: unknown): void {
    this.#refused = true;
    this.#blocks = [];
    this.#lines = 0;
    this.#characters = 0;
    this.#settle(this.#written - this.#settled);
    this.#makeRoom();
    this.#options.onRefused(error);
  }

  #makeRoom(): void {
    this.#roomy.resolve();
    this.#roomy = Promise.withResolvers();
  }
}
