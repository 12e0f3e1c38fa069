import { createHmac } from "node:crypto";

export interface Attempt {
  /** GitHub's number of this attempt. */
  id: number;
  at: number;
  /** 0 when there was no answer. */
  status: number;
  answer: string;
  redelivery: boolean;
  /** Milliseconds. */
  duration: number;
}

export interface Delivery {
  /** The uuid in `x-github-delivery`, the same in every attempt. */
  guid: string;
  event: string;
  action: string | undefined;
  installation: number | undefined;
  /** As sent: its bytes are what is signed. */
  body: string;
  attempts: Attempt[];
  /** Waits to be released. */
  held: boolean;
}

/** What to do with a new delivery. */
export type Treatment = "send" | "drop" | "hold" | "double" | { delay: number };

/** Payloads as the App gets them; only what tests like to read is named. */
export type Payload = Record<string, unknown> & { action?: string };

export interface DeliveryOptions {
  appId: number;
  secret: string;
  now: () => number;
  /** Holds a payload against GitHub's description of it. */
  check: (event: string, payload: object) => void;
}

/** Signed webhooks on their way to the App: one at a time in the order of what happened, unless a test wants otherwise. */
export class Deliveries {
  /** Where they go; without one they wait. */
  url: string | undefined;
  secret: string;
  /** Every delivery there ever was. */
  readonly all: Delivery[] = [];
  /** Looks at each new delivery. */
  treat: (delivery: Delivery) => Treatment = () => "send";
  readonly #options: DeliveryOptions;
  readonly #waiting: Delivery[] = [];
  readonly #delays = new Set<Promise<void>>();
  #sending: Promise<void> | undefined;
  #last = 700_000_000_000;
  #closed = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.secret = options.secret;
  }

  /** A new delivery, sent as soon as it may be. */
  add(event: string, installation: number | undefined, payload: Payload): Delivery {
    this.#options.check(event, payload);
    const delivery: Delivery = {
      guid: crypto.randomUUID(),
      event,
      action: payload.action,
      installation,
      body: JSON.stringify(payload),
      attempts: [],
      held: false,
    };
    this.all.push(delivery);
    const treatment = this.treat(delivery);
    if (treatment === "hold") delivery.held = true;
    else if (treatment === "double") this.#send(delivery, delivery);
    else if (treatment === "send") this.#send(delivery);
    else if (treatment !== "drop") this.#later(delivery, treatment.delay);
    return delivery;
  }

  /** Sends held deliveries, in the order given; without any, all that are held. */
  async release(...deliveries: Delivery[]): Promise<void> {
    const chosen = deliveries.length > 0 ? deliveries : this.held;
    for (const delivery of chosen) delivery.held = false;
    this.#send(...chosen);
    await this.idle();
  }

  get held(): Delivery[] {
    return this.all.filter(({ held }) => held);
  }

  /** Those of one event, and of one action where it is named, as `of("check_suite", "requested")`. */
  of(event: string, action?: string): Delivery[] {
    return this.all.filter((delivery) => delivery.event === event && (action === undefined || delivery.action === action));
  }

  /** What one says. */
  payload(delivery: Delivery): Payload {
    return JSON.parse(delivery.body) as Payload;
  }

  /** Sends one once more, as the button in the App's settings does. */
  async redeliver(delivery: Delivery): Promise<Attempt> {
    return await this.#attempt(delivery, true);
  }

  /** Sets the address; what waited for one is sent. */
  sendTo(url: string): void {
    this.url = url;
    this.#send();
  }

  /** Resolves when nothing is on its way any more. Held ones do not count. */
  async idle(): Promise<void> {
    while (this.#sending || this.#delays.size > 0) await Promise.all([this.#sending, ...this.#delays]);
  }

  /** What waits to be sent is dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    await this.#sending;
  }

  #later(delivery: Delivery, ms: number): void {
    const done = Bun.sleep(ms).then(() => {
      this.#delays.delete(done);
      if (!this.#closed) this.#send(delivery);
    });
    this.#delays.add(done);
  }

  #send(...deliveries: Delivery[]): void {
    this.#waiting.push(...deliveries);
    this.#sending ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // What happens in one go is sent only after it is all done, as it would be by GitHub.
    await Promise.resolve();
    for (let next = this.#next(); next; next = this.#next()) await this.#attempt(next, next.attempts.length > 0);
    // In the same turn as the last look: what comes after it starts anew.
    this.#sending = undefined;
  }

  #next(): Delivery | undefined {
    return this.url === undefined ? undefined : this.#waiting.shift();
  }

  async #attempt(delivery: Delivery, redelivery: boolean): Promise<Attempt> {
    this.#last += 1;
    const at = this.#options.now();
    const attempt: Attempt = { id: this.#last, at, status: 0, answer: "", redelivery, duration: 0 };
    delivery.attempts.push(attempt);
    try {
      const response = await fetch(this.url ?? "", {
        method: "POST",
        headers: this.headers(delivery),
        body: delivery.body,
        redirect: "manual",
        signal: AbortSignal.timeout(10_000),
      });
      attempt.status = response.status;
      attempt.answer = await response.text();
    } catch (error) {
      attempt.answer = String(error);
    }
    attempt.duration = Math.max(0, this.#options.now() - at);
    return attempt;
  }

  /** As GitHub sends them, with both signatures over the bytes of the body. */
  headers({ guid, event, body }: Pick<Delivery, "guid" | "event" | "body">): Record<string, string> {
    const sign = (hash: string) => createHmac(hash, this.secret).update(body).digest("hex");
    return {
      accept: "*/*",
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/0000000",
      "x-github-delivery": guid,
      "x-github-event": event,
      "x-github-hook-id": "1",
      "x-github-hook-installation-target-id": String(this.#options.appId),
      "x-github-hook-installation-target-type": "integration",
      "x-hub-signature": `sha1=${sign("sha1")}`,
      "x-hub-signature-256": `sha256=${sign("sha256")}`,
    };
  }
}
