import type { Client } from "../core/client/client.ts";
import { CallFailed } from "../core/client/failure.ts";
import type { WorkerPingJob } from "../core/client/operations.ts";
import { realWorld } from "../core/common/world.ts";
import { aFactory, aWorker, type TestServer } from "../core/fixture.ts";

/** A machine with a job, that does what a test says. */
export class Machine {
  readonly job: WorkerPingJob;
  readonly client: Client;

  constructor(job: WorkerPingJob, client: Client) {
    this.job = job;
    this.client = client;
  }

  async print(...lines: string[]): Promise<void> {
    await this.say(...lines.map((line): [string, string] => ["stdout", line]));
  }

  /** @param lines each with the stream that it is of */
  async say(...lines: [stream: string, payload: string][]): Promise<void> {
    const time = new Date().toISOString();
    const body = lines.map(([stream, payload]) => ({ stream, time, payload, task: this.job.tasks.length - 1 }));
    await this.client.call("worker_job_append", { path: { job: this.job.id }, query: {}, body });
  }

  async output(path: string, text: string): Promise<void> {
    const job = this.job.id;
    const body = new TextEncoder().encode(text);
    const { id } = await this.client.call("worker_job_upload_chunk", { path: { job }, query: {}, body });
    const commit = { path, size: body.length, chunks: [id], commit_id: realWorld().id() };
    await this.client.poll("worker_job_add_output", { path: { job }, query: {}, body: commit }, { wait: 30 });
  }

  /** What the store of its job has under a name, once it is there: as `bmat store get`. */
  async given(name: string): Promise<string> {
    for (;;) {
      const { value } = await this.client.call("worker_job_store_get", { path: { job: this.job.id, name } });
      if (value) return value.value;
      await Bun.sleep(5);
    }
  }

  /** @param reason of the failure, where the agent knows one */
  async complete(failed = false, reason?: string): Promise<void> {
    const job = this.job.id;
    const why = reason === undefined ? {} : { reason };
    for (const [task] of this.job.tasks.entries())
      await this.client.call("worker_task_complete", {
        path: { job, task },
        body: { failed: failed && task === this.job.tasks.length - 1, ...why },
      });
    await this.client.call("worker_job_complete", { path: { job }, body: { failed, ...why } });
  }
}

export type Deed = (machine: Machine, run: string) => Promise<void>;

const hello: Deed = async (machine) => {
  await machine.print("hello");
  await machine.complete();
};

/** A factory whose machines do the deed that a test has set for the run, or else print a line and succeed. */
export class Machines {
  /** By the name of the run. */
  readonly deeds = new Map<string, Deed>();
  /** Names of the runs whose jobs were given to a machine, in order. */
  readonly ran: string[] = [];
  readonly #core: TestServer;
  readonly #end = new AbortController();
  readonly #lives = new Set<Promise<void>>();
  #serving: Promise<void> | undefined;

  constructor(core: TestServer) {
    this.#core = core;
  }

  async start(): Promise<void> {
    const factory = await aFactory(this.#core);
    this.#serving = this.#serve(factory);
  }

  async #serve(factory: Awaited<ReturnType<typeof aFactory>>): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        const body = { supported_targets: [factory.target] };
        const { answer } = await factory.client.poll("factory_lease", { query: {}, body }, { wait: 5, signal });
        if (!answer.lease) continue;
        const life = this.#live(factory, answer.lease.job).finally(() => this.#lives.delete(life));
        this.#lives.add(life);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  async #live(factory: Awaited<ReturnType<typeof aFactory>>, id: string): Promise<void> {
    const worker = await aWorker(this.#core, factory, id);
    const { job } = await worker.client.call("worker_ping", { query: {} });
    if (!job) throw new Error(`worker ${worker.id} has no job`);
    const { tags } = await this.#core.admin.call("admin_job_get", { path: { job: id } });
    const run = tags["gong.name"] ?? "";
    this.ran.push(run);
    const deed: Deed = this.deeds.get(run) ?? hello;
    // One that is cancelled finds its calls refused.
    await deed(new Machine(job, worker.client), run).catch((error: unknown) => {
      if (!(error instanceof CallFailed) || this.#end.signal.aborted) return;
      if (error.status !== 401 && error.status !== 403 && error.status !== 409) throw error;
    });
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } }).catch((error: unknown) => {
      if (!this.#end.signal.aborted) throw error;
    });
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#serving;
  }
}
