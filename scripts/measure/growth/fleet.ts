import type { Core } from "../../../core/core.ts";
import { allFactories } from "../../../core/factory/factory.ts";
import { createForFactory, destroyWorker, ownWorkers } from "../../../core/factory/worker.ts";
import { once } from "../../../core/http/idempotency.ts";
import { appendToJob } from "../../../core/job/append.ts";
import { completeJob, completeTask } from "../../../core/job/complete.ts";
import { takeLease } from "../../../core/job/lease.ts";
import { putStore } from "../../../core/job/store.ts";
import { commitAtOnce } from "../../../core/job/upload.ts";
import { activeJobOf } from "../../../core/job/worker.ts";
import { listTargets } from "../../../core/target/target.ts";
import { associateWorker } from "../../../core/worker/associate.ts";
import { bootstrapWorker } from "../../../core/worker/bootstrap.ts";
import { heardOf, whatsNext } from "../../../core/worker/ping.ts";
import { getWorker } from "../../../core/worker/state.ts";
import type { Random } from "../../../test/sim/random.ts";
import { type Fate, linesOf, type Plan, printed } from "./plan.ts";
import type { StandIn } from "./stand-in.ts";
import type { Time } from "./world.ts";

/** Lines that an agent sends at once. */
const BATCH = 500;
const LARGEST_OUTPUT = 20_000_000;

export interface FleetOptions {
  core: Core;
  time: Time;
  plan: Plan;
  random: Random;
  standIn: StandIn;
  fateOf(job: string): Fate;
}

/** Factories with their machines and agents: what they say to the core, without HTTP between. */
export class Fleet {
  /** Machines that there are. */
  size = 0;
  readonly #options: FleetOptions;
  #made = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Makes machines for jobs that wait, as many as there may be. */
  fill(): void {
    const { core, plan } = this.#options;
    if (this.size >= plan.workers) return;
    const factories = allFactories(core);
    const targets = [listTargets(core).map(({ id }) => id)];
    while (this.size < plan.workers) {
      const factory = factories[this.#made % factories.length];
      const lease = factory && takeLease(core, factory.id, targets, core.world.id());
      if (!factory || !lease) return;
      const asked = { target: lease.target, job: lease.job };
      const call = { core, request: newRequest(core, "/0/factory/worker"), principal: factory.id, asked };
      this.#start(
        once(call, () => createForFactory(core, factory, asked)),
        lease.job,
      );
    }
  }

  /** Destroys the machines that are not wanted any more. */
  clear(): void {
    const { core } = this.#options;
    for (const factory of allFactories(core))
      for (const { id, recycle } of ownWorkers(core, factory.id)) {
        if (!recycle) continue;
        destroyWorker(core, getWorker(core, id), undefined);
        this.size--;
      }
  }

  #start(worker: string, job: string): void {
    const { core, time, standIn, fateOf } = this.#options;
    this.size++;
    if (standIn.real.has(job)) standIn.real.add(worker);
    associateWorker(core, getWorker(core, worker), {
      private: `machine-${++this.#made}`,
      ip: "10.0.0.1",
      details: { type: "c7.large", zone: "eu-central-1a", image: "debian-12" },
    });
    const { boot, end, run } = fateOf(job);
    if (end === "never boots") return;
    const after = (ms: number, work: () => void) => time.at(time.now + boot + ms, () => activeJobOf(core, worker) && work());
    after(0, () => this.#appear(worker));
    after(run * 0.4, () => {
      if (standIn.real.has(job)) this.#print(worker, job);
      completeTask(core, job, 0, { failed: false });
    });
    // Of one that loses its machine, nothing is heard any more.
    if (end === "loses its machine") time.at(time.now + boot + run / 2, () => core.presence.leave(worker, time.now));
    else {
      after(run, () => void time.instantly(this.#finish(worker, job, end === "fails")));
      time.at(time.now + boot + run, () => core.presence.leave(worker, time.now));
    }
  }

  #appear(worker: string): void {
    const { core } = this.#options;
    bootstrapWorker(core, getWorker(core, worker).bootstrap ?? "", `the token of ${worker}`);
    core.presence.enter(worker);
    heardOf(core, worker, true);
    whatsNext(core, worker);
  }

  #print(worker: string, job: string): void {
    const { core, random, plan } = this.#options;
    const row = getWorker(core, worker);
    const time = new Date(core.world.now()).toISOString();
    const events = [...printed(linesOf(plan, job), random.fork(job))].map((payload) => ({
      stream: "stdout",
      time,
      payload,
      task: 0,
    }));
    for (let at = 0; at < events.length; at += BATCH)
      appendToJob(core, job, row, at + 1, new TextEncoder().encode(JSON.stringify(events.slice(at, at + BATCH))));
  }

  async #finish(worker: string, job: string, failed: boolean): Promise<void> {
    const { core, random } = this.#options;
    if (random.chance(0.2)) putStore(core, job, "version", "1.2.3", false, "worker");
    if (random.chance(0.3)) await this.upload(job, "output", "/work/out/image.tar");
    if (!activeJobOf(core, worker)) return;
    completeTask(core, job, 1, { failed });
    completeJob(core, job, { failed: false });
  }

  /** An input or output of some size. */
  async upload(job: string, kind: "input" | "output", name: string): Promise<void> {
    const { core, random, standIn } = this.#options;
    const size = random.between(1, LARGEST_OUTPUT);
    if (!standIn.real.has(job)) return await commitAtOnce(core, { job, kind, name, size, chunks: ["counted"] });
    const bytes = new TextEncoder().encode(`${job} ${name}`);
    const chunk = await core.files.putChunk(job, new Blob([bytes]).stream(), bytes.length);
    await commitAtOnce(core, { job, kind, name, size: bytes.length, chunks: [chunk] });
  }
}

/** A creating call as our clients make it. */
export const newRequest = (core: Core, path: string): Request =>
  new Request(`http://core.test${path}`, { headers: { "idempotency-key": core.world.id() } });
