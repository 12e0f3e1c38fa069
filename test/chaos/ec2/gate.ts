import { operations } from "../../../core/client/operations.ts";

/** What becomes of a call whose caller is killed. */
export type Fate =
  /** It never arrives. */
  | "lost"
  /** It arrives when the caller's successor is at work. */
  | "late"
  /** It is carried out, and nobody hears the answer. */
  | "unheard";

export const FATES: readonly Fate[] = ["lost", "late", "unheard"];

/** The `number`-th call of a name: an operation of the core, an action of EC2, or a path. */
export interface Call {
  name: string;
  number: number;
}

interface Ambush extends Call {
  fate: Fate;
  meet(): Promise<void>;
}

/** All calls of a factory go through here, to the core as well as to EC2; at a chosen one, something happens to the factory. */
export class Gate implements AsyncDisposable {
  /** Where the core is now. */
  core: string | undefined;
  /** Every call of the factory since `count`. */
  calls: Call[] = [];
  readonly #ec2: string;
  readonly #toCore = this.#serve(() => this.core);
  readonly #toEc2 = this.#serve(() => this.#ec2);
  #ambush: Ambush | undefined;
  #late: (() => void)[] = [];

  constructor(ec2: string) {
    this.#ec2 = ec2;
  }

  get coreUrl(): string {
    return this.#toCore.url.origin;
  }

  get ec2Url(): string {
    return this.#toEc2.url.origin;
  }

  /** Counts calls from the first one on again. */
  count(): void {
    this.calls = [];
    this.#ambush = undefined;
  }

  /** Does `kill` at a call that is to come. Resolves when that is done. */
  async ambush(call: Call, fate: Fate, kill: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ambush = { ...call, fate, meet: () => kill().then(resolve) };
    await promise;
  }

  /** Calls that were on their way all the time arrive now. */
  release(): void {
    for (const go of this.#late.splice(0)) go();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    await Promise.all([this.#toCore.stop(true), this.#toEc2.stop(true)]);
  }

  #serve(target: () => string | undefined) {
    return Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: (request) => this.#carry(request, target) });
  }

  async #carry(request: Request, target: () => string | undefined): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = await request.bytes();
    const send = async (signal?: AbortSignal) => {
      const to = target();
      if (to === undefined) return nobody();
      const { method, headers } = request;
      const init = { method, headers, redirect: "manual", decompress: false, ...(signal ? { signal } : {}) } as const;
      // The core may be killed at any moment.
      return await fetch(new URL(pathname + search, to), body.length > 0 ? { ...init, body } : init).catch(nobody);
    };
    const name = nameOf(request.method, pathname, body);
    if (name === undefined) return await send(request.signal);
    const number = 1 + this.calls.filter((call) => call.name === name).length;
    this.calls.push({ name, number });
    const ambush = this.#ambush;
    if (ambush?.name !== name || ambush.number !== number) return await send(request.signal);
    this.#ambush = undefined;
    if (ambush.fate === "unheard") await (await send()).bytes();
    await ambush.meet();
    if (ambush.fate === "late") {
      await new Promise<void>((resolve) => this.#late.push(resolve));
      await send();
    }
    return nobody();
  }
}

const nobody = () => new Response("nobody is there", { status: 502 });

const OPERATIONS = Object.entries(operations).map(([name, { method, path }]) => ({
  name,
  method,
  path: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
}));

/** Of a factory's call; undefined for everybody else's. */
function nameOf(method: string, path: string, body: Uint8Array): string | undefined {
  const action = /(?:^|&)Action=(\w+)/.exec(Buffer.from(body).toString())?.[1];
  if (path === "/" && action !== undefined) return action;
  if (path === "/file/install.sh") return path;
  if (!path.startsWith("/0/factory/")) return undefined;
  return OPERATIONS.find((one) => one.method === method && one.path.test(path))?.name ?? `${method} ${path}`;
}
