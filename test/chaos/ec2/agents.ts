import { Client } from "../../../core/client/client.ts";
import type { WorkerPingJob } from "../../../core/client/operations.ts";
import { realWorld } from "../../../core/common/world.ts";
import type { Cloud, Instance } from "../../fake/ec2/cloud.ts";

const BACKOFF = { first: 50, most: 200 };

/**
 * Lets the instances of a cloud be agents and no more: each takes a job, says a line, and has done it, until it is terminated. One that is
 * to be prepared is ready at once.
 */
export class Agents implements AsyncDisposable {
  /** Machines that began a job, by its id. */
  readonly ran = new Map<string, string[]>();
  readonly #machines = new Map<string, { off: AbortController; work: Promise<void> }>();

  constructor(cloud: Cloud) {
    cloud.habits.boot = (instance) => {
      if (instance.userData.includes("'--prepare'")) return cloud.stop(instance);
      const off = new AbortController();
      const work = this.#work(instance, off.signal).catch((error: unknown) => {
        if (!off.signal.aborted) throw error;
      });
      this.#machines.set(instance.id, { off, work });
    };
    cloud.habits.end = ({ id }) => this.#machines.get(id)?.off.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { off } of this.#machines.values()) off.abort();
    await Promise.all([...this.#machines.values()].map(({ work }) => work));
  }

  async #work({ id, userData }: Instance, signal: AbortSignal): Promise<void> {
    const [, url = "", bootstrap = ""] = /^set -- '([^']*)' '([^']*)'/m.exec(userData) ?? [];
    const token = `the-token-of-${id}`;
    const client = new Client({ world: realWorld(), url, token, patience: Number.POSITIVE_INFINITY });
    const usual = { signal, backoff: BACKOFF };
    const unknown = { alsoRetry: ({ status }: { status: number | undefined }) => status === 401 };
    await client.call("worker_bootstrap", { body: { bootstrap, token } }, { ...usual, ...unknown });
    for (let seen: string | undefined, done = false; !signal.aborted; ) {
      // One that was given up is not known any more, and waits for its end.
      const { answer, version } = await client.poll("worker_ping", { query: {} }, { ...usual, ...unknown, wait: 5, seen });
      seen = version;
      if (answer.job && !answer.poweroff && !done) await this.#run(client, answer.job, id, signal);
      done ||= Boolean(answer.job);
    }
  }

  async #run(client: Client, { id }: WorkerPingJob, machine: string, signal: AbortSignal): Promise<void> {
    this.ran.set(id, [...(this.ran.get(id) ?? []), machine]);
    const usual = { signal, backoff: BACKOFF };
    const path = { job: id };
    const line = { stream: "stdout", time: new Date().toISOString(), payload: "line 1", task: 0 };
    await client.call("worker_job_append", { path, query: { first: 1 }, body: [line] }, usual);
    await client.call("worker_task_complete", { path: { ...path, task: 0 }, body: { failed: false } }, usual);
    await client.call("worker_job_complete", { path, body: { failed: false } }, usual);
  }
}
