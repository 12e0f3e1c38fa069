import { ulid } from "ulid";
import { type Ask, Refusal, type Wire } from "../call.ts";
import { readRecords } from "./sse.ts";

export interface Event {
  seq: number;
  task: number | null;
  stream: string;
  time: string;
  time_remote: string | null;
  payload: string;
}

interface Page<T> {
  items: T[];
  next_page: string | null;
}

/** What a follower saw. */
export interface Seen {
  states: string[];
  events: Event[];
}

const PIECE = 5 * 1024 * 1024;

/** The calls that the original's command line makes, in its order and with its readers. */
export class OldCli {
  readonly #wire: Wire;
  readonly #token: string;
  /** A second of the original's, in ms. */
  readonly #second: number;

  constructor(wire: Wire, token: string, second: number) {
    this.#wire = wire;
    this.#token = token;
    this.#second = second;
  }

  /** `job run -W`, with a job that is complete in itself. @returns its id */
  async submit(job: object, inputs: Record<string, Uint8Array<ArrayBuffer>> = {}): Promise<string> {
    const names = Object.keys(inputs);
    if (names.length > 0) await this.call("quota");
    const { id } = await this.call<{ id: string }>("job_submit", { body: { ...job, inputs: names } });
    for (const [name, bytes] of Object.entries(inputs)) await this.#upload(id, name, bytes);
    return id;
  }

  async #upload(job: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const chunks: string[] = [];
    for (let at = 0; at < bytes.length; at += PIECE) {
      const chunk = await this.call<{ id: string }>("job_upload_chunk", { path: { job }, body: bytes.slice(at, at + PIECE) });
      chunks.push(chunk.id);
    }
    const body = { name, size: bytes.length, chunks, commit_id: ulid() };
    for (;;) {
      const { complete, error } = await this.call<{ complete: boolean; error: string | null }>("job_add_input", {
        path: { job },
        body,
      });
      if (error !== null) throw new Error(error);
      if (complete) return;
      await this.#pause();
    }
  }

  /** `job tail`: every event of a job to its end. @throws an Error for an event that the original does not know, and for a gap */
  async tail(job: string): Promise<Seen> {
    const seen: Seen = { states: [], events: [] };
    for (;;) {
      if ((await this.#watch(job, seen)) === "complete") return seen;
      const { state } = await this.call<{ state: string }>("job_get", { path: { job } });
      tell(seen, state);
      if (state === "completed" || state === "failed") break;
      await this.#pause();
    }
    for (let page = await this.#events(job, seen); page.length > 0; page = await this.#events(job, seen))
      for (const event of page) add(seen, event);
    return seen;
  }

  #events(job: string, { events }: Seen): Promise<Event[]> {
    return this.call<Event[]>("job_events_get", { path: { job }, query: { minseq: events.length + 1 } });
  }

  /** One stream, to its end. @returns the last event's name */
  async #watch(job: string, seen: Seen): Promise<string> {
    const query = { minseq: seen.events.length + 1 };
    const response = await this.#wire.open("job_watch", { token: this.#token, path: { job }, query });
    if (!response.ok) throw new Error(`watch: ${response.status}`);
    let last = "";
    for await (const { event, data } of readRecords(response)) {
      last = event;
      if (event === "state") tell(seen, data);
      else if (event === "job") add(seen, JSON.parse(data) as Event);
      else if (event === "check" || event === "complete") break;
      else throw new Error(`unknown event ${event}`);
    }
    return last;
  }

  /** All of a list, page after page, until one is empty. */
  async list<T>(name: string, query: Record<string, string | boolean>): Promise<{ items: T[]; pages: number }> {
    const items: T[] = [];
    let token: string | null | undefined;
    for (let pages = 1; ; pages++) {
      const page: Page<T> = await this.call<Page<T>>(name, { query: token ? { page_token: token } : query });
      items.push(...page.items);
      token = page.next_page;
      if (page.items.length === 0 || token === null) return { items, pages };
    }
  }

  /** `job copy` */
  async copy(job: string, path: string): Promise<Uint8Array> {
    const output = await this.#output(job, path);
    return (await this.#wire.must("job_output_download", { token: this.#token, path: { job, output } })).bytes;
  }

  /** `job publish` */
  async publish(job: string, path: string, body: { series: string; version: string; name: string }): Promise<void> {
    await this.call("job_output_publish", { path: { job, output: await this.#output(job, path) }, body });
  }

  /** `job sign` */
  async sign(job: string, path: string): Promise<{ url: string; size: number; available: boolean }> {
    const body = { expiry_seconds: 3600, content_type: "text/plain" };
    return await this.call("job_output_signed_url", { path: { job, output: await this.#output(job, path) }, body });
  }

  async #output(job: string, path: string): Promise<string> {
    const outputs = await this.call<{ id: string; path: string }[]>("job_outputs_get", { path: { job } });
    const found = outputs.find((output) => output.path === path);
    if (!found) throw new Error(`there is no ${path}`);
    return found.id;
  }

  /** `job join`: polls until the job is over. @returns its last state */
  async join(job: string): Promise<string> {
    for (;;) {
      const { state } = await this.call<{ state: string }>("job_get", { path: { job } });
      if (state === "completed" || state === "failed") return state;
      await this.#pause();
    }
  }

  async call<T>(name: string, ask: Ask = {}): Promise<T> {
    return await this.#wire.call<T>(name, { token: this.#token, ...ask });
  }

  /** The status with which a call is refused. */
  async refusal(name: string, ask: Ask = {}): Promise<number> {
    const error = await this.call(name, ask).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof Refusal)) throw new Error(`${name} was not refused`);
    return error.status;
  }

  #pause(): Promise<void> {
    return Bun.sleep(this.#second);
  }
}

function tell({ states }: Seen, state: string): void {
  if (states.at(-1) !== state) states.push(state);
}

/** Events come once each, in order, without a gap; those that come again are dropped. */
function add({ events }: Seen, event: Event): void {
  const next = events.length + 1;
  if (event.seq < next) return;
  if (event.seq > next) throw new Error(`expected event ${next}, got ${event.seq}`);
  events.push(event);
}
