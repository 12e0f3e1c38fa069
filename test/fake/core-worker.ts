import type { WorkerPingJob, WorkerPingResult, WorkerPingTask } from "../../core/client/operations.ts";

export interface LoggedEvent {
  payload: string;
  stream: string;
  task?: number;
  time: string;
}

export interface Upload {
  size: number;
  sha256: string;
  bytes: Uint8Array;
}

/** What a test wants to happen to a request, instead of or after its being served. */
export type Fault =
  | { status: number; message?: string }
  /** Serve it, then answer as a proxy does that lost the way. */
  | "lose the reply"
  /** Serve it, then answer with what is no JSON. */
  | "garble";

const BOOTSTRAP = "bootstrap-key";

/** A log as the core keeps it: it knows which number it wants next, and drops what it has. */
class Log {
  readonly events: LoggedEvent[] = [];

  append(events: LoggedEvent[], first: number): number {
    const next = this.events.length + 1;
    if (first > next) return next;
    this.events.push(...events.slice(next - first));
    return this.events.length + 1;
  }
}

/** The core as an agent sees it: the worker's part of the API, over real HTTP, kept in memory. */
export class FakeCore {
  readonly key = BOOTSTRAP;
  readonly job = new Log();
  readonly worker = new Log();
  readonly tasks = new Map<number, boolean>();
  readonly outputs = new Map<string, Upload>();
  readonly store = new Map<string, { value: string; secret: boolean }>();
  readonly inputs = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Method and path of every request, in order. */
  readonly requests: string[] = [];
  quota = 1024 * 1024 * 1024;
  mostOutputs = 1000;
  /** Looks at each request before it is served. */
  fault: (method: string, path: string) => Fault | undefined = () => undefined;
  /** Why, as the agent says at the end of tasks and of the job. */
  readonly reasons: string[] = [];
  /** Whether the job failed, once the agent has said so. */
  completed: boolean | undefined;
  /** Reasons of the agent for not being able to go on. */
  readonly failures: string[] = [];
  readonly diagnostics: (string | boolean)[] = [];
  /** What the agent has said of its machine's being taken back. */
  readonly notices: { by: string; time: string }[] = [];
  token: string | undefined;
  readonly #server: Bun.Server<undefined>;
  readonly #chunks = new Map<string, Uint8Array>();
  #ping: WorkerPingResult = { poweroff: false, job: null, factory_metadata: null, factory_info: null };
  #bell = Promise.withResolvers<void>();

  constructor() {
    this.#server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 120, fetch: (request) => this.#serve(request) });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  stop(): Promise<void> {
    this.ring();
    return this.#server.stop(true);
  }

  /** Changes what the pings say; those who wait hear it at once. */
  say(news: Partial<WorkerPingResult>): void {
    this.#ping = { ...this.#ping, ...news };
    this.ring();
  }

  /** Wakes who waits for something that `until` can see. */
  ring(): void {
    this.#bell.resolve();
    this.#bell = Promise.withResolvers();
  }

  /** Resolves when the condition holds; looked at after every request. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#bell.promise;
  }

  /** Payloads of the job's log, of one stream or all. */
  lines(stream?: string): string[] {
    return this.job.events.filter((event) => stream === undefined || event.stream === stream).map(({ payload }) => payload);
  }

  async #serve(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    this.requests.push(`${request.method} ${pathname}`);
    const fault = this.fault(request.method, pathname);
    if (typeof fault === "object") return refuse(fault.status, fault.message ?? "because the test wants it");
    const response = await this.#answer(request, pathname, searchParams);
    this.ring();
    if (fault === "garble") return new Response("<html>", { status: 200 });
    return fault === "lose the reply" ? refuse(502, "lost") : response;
  }

  async #answer(request: Request, path: string, query: URLSearchParams): Promise<Response> {
    if (path === "/0/worker/bootstrap") return this.#bootstrap((await request.json()) as { bootstrap: string; token: string });
    if (request.headers.get("authorization") !== `Bearer ${this.token}`) return refuse(401, "not authorised");
    const [, , rest = ""] = /^\/([01])\/worker\/(.*)$/.exec(path) ?? [];
    const [, , what = ""] = /^job\/([^/]+)\/(.*)$/.exec(rest) ?? [];
    if (what) return this.#ofJob(request, what, query);
    return this.#ofWorker(request, rest, query);
  }

  #bootstrap({ bootstrap, token }: { bootstrap: string; token: string }): Response {
    if (bootstrap !== BOOTSTRAP) return refuse(404, "no such key");
    if (this.token !== undefined && this.token !== token) return refuse(401, "another token");
    this.token = token;
    return Response.json({ id: "01HZZZZZZZZZZZZZZZZZZZZZZZ" }, { status: 201 });
  }

  async #ofWorker(request: Request, what: string, query: URLSearchParams): Promise<Response> {
    switch (what) {
      case "ping":
        return await this.#pong(query);
      case "append":
        return append(this.worker, await request.json(), query);
      case "interrupted":
        this.notices.push((await request.json()) as { by: string; time: string });
        return done();
      case "fail":
        this.failures.push(((await request.json()) as { reason?: string }).reason ?? "");
        return done();
      case "diagnostics/enable":
        this.diagnostics.push("enable");
        return done();
      case "diagnostics/complete":
        this.diagnostics.push(((await request.json()) as { hold: boolean }).hold);
        return done();
      default:
        return refuse(404, `no such place: ${what}`);
    }
  }

  async #pong(query: URLSearchParams): Promise<Response> {
    const end = Date.now() + Number(query.get("wait") ?? 0) * 1000;
    const version = () => String(Bun.hash(JSON.stringify(this.#ping)));
    while (query.get("seen") === version() && Date.now() < end) await Promise.race([this.#bell.promise, Bun.sleep(100)]);
    return Response.json(this.#ping, { headers: { "x-buildomat-version": version() } });
  }

  async #ofJob(request: Request, what: string, query: URLSearchParams): Promise<Response> {
    const [noun = "", name = ""] = what.split("/");
    const over = this.completed !== undefined;
    switch (noun) {
      case "append":
        return over ? refuse(409, "job is complete") : append(this.job, await request.json(), query);
      case "task":
        if (over) return refuse(409, "job is complete");
        this.tasks.set(Number(name), this.#judge(await request.json()));
        return done();
      case "complete":
        this.completed ??= this.#judge(await request.json());
        return done();
      case "quota":
        return Response.json({ max_bytes_per_output: this.quota, max_outputs: this.mostOutputs });
      case "chunk":
        this.#chunks.set(`${query.get("commit_id")} ${query.get("offset")}`, new Uint8Array(await request.arrayBuffer()));
        return Response.json({ id: "01HZZZZZZZZZZZZZZZZZZZZZZZ" }, { status: 201 });
      case "output":
        return this.#commit((await request.json()) as { path: string; size: number; sha256: string; commit_id: string });
      case "inputs":
        return this.#input(request, name);
      case "store":
        return await this.#stored(request, name);
      default:
        return refuse(404, `no such place: ${what}`);
    }
  }

  #judge(verdict: unknown): boolean {
    const { failed, reason } = verdict as { failed: boolean; reason?: string };
    if (reason !== undefined) this.reasons.push(reason);
    return failed;
  }

  #commit({ path, size, sha256, commit_id }: { path: string; size: number; sha256: string; commit_id: string }): Response {
    const bytes = new Uint8Array(size);
    let got = 0;
    for (const [key, chunk] of this.#chunks) {
      const [id, offset] = key.split(" ");
      if (id !== commit_id) continue;
      bytes.set(chunk, Number(offset));
      got += chunk.length;
    }
    const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    if (got !== size || hash !== sha256) return Response.json({ complete: true, error: "size or hash differ" });
    this.outputs.set(path, { size, sha256, bytes });
    return Response.json({ complete: true });
  }

  #input(request: Request, id: string): Response {
    const bytes = this.inputs.get(id);
    if (!bytes) return refuse(404, "no such input");
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    const headers = from === 0 ? undefined : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    return new Response(bytes.subarray(from), { status: from === 0 ? 200 : 206, ...(headers ? { headers } : {}) });
  }

  async #stored(request: Request, name: string): Promise<Response> {
    if (request.method === "GET") return Response.json({ value: this.store.get(name) ?? null });
    if (!/^[A-Za-z0-9_]+$/.test(name)) return refuse(400, `${name} is no name for a value`);
    this.store.set(name, (await request.json()) as { value: string; secret: boolean });
    return done();
  }
}

function append(log: Log, events: unknown, query: URLSearchParams): Response {
  const first = Number(query.get("first"));
  if (!Number.isInteger(first) || first < 1) return refuse(400, "no cursor");
  return Response.json({ next: log.append(events as LoggedEvent[], first) });
}

const done = () => new Response(null, { status: 204 });

const refuse = (status: number, message: string) => Response.json({ request_id: "test", message }, { status });

/** A job as a ping describes it. */
export function aJob(script: string | Partial<WorkerPingTask>[], rest: Partial<WorkerPingJob> = {}): WorkerPingJob {
  const tasks = typeof script === "string" ? [{ script }] : script;
  return {
    id: "01J00000000000000000000000",
    name: "test",
    inputs: [],
    output_rules: [],
    secrets: [],
    ...rest,
    tasks: tasks.map((task, id) => ({
      id,
      name: `task ${id}`,
      script: "",
      env: {},
      env_clear: false,
      // Ours, because a test need not be run by root.
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      workdir: "/",
      ...task,
    })),
  };
}
