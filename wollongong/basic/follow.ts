import { CallFailed } from "../../core/client/failure.ts";
import { follow } from "../../core/client/follow.ts";
import type { Job, JobEvent } from "../../core/client/operations.ts";
import { reasonOf } from "../../core/common/errors.ts";
import { backoffFor } from "../../core/common/retry.ts";
import { installById } from "../account/installs.ts";
import { finishRun } from "../check/run-state.ts";
import { runById, updateRun } from "../check/runs.ts";
import { getSuite } from "../check/suite.ts";
import type { RunRow } from "../check/table.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { keepCredentials } from "./credentials.ts";
import { finishJob } from "./finish.ts";
import { lengthen, type Tail, tailOf } from "./progress.ts";

/** What a reader of the check run sees of a log is this old at most, ms. */
const REDRAW = 6_000;
/** The first lines come after so long, ms. */
const FIRST = 1_000;

/** Follows every job that was submitted until its run is over, each by itself, until the server stops. */
export async function followJobs(wo: Wollongong): Promise<void> {
  const followed = new Map<string, Promise<void>>();
  while (!wo.shutdown.aborted) {
    const rung = wo.bells.version("jobs");
    const live = wo.db
      .query<{ id: string }, []>("SELECT id FROM check_run WHERE state = 'submitted' AND state IN ('submitting', 'submitted')")
      .all();
    for (const { id } of live)
      if (!followed.has(id))
        followed.set(
          id,
          followRun(wo, id).finally(() => followed.delete(id)),
        );
    await wo.bells.wait("jobs", rung, wo.shutdown);
  }
  await Promise.all(followed.values());
}

/** Whatever goes wrong, it is begun again from what is stored. */
async function followRun(wo: Wollongong, id: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const run = runById(wo, id);
    if (wo.shutdown.aborted || run?.state !== "submitted") return;
    try {
      await new Following(wo, run).run();
      return;
    } catch (error) {
      if (wo.shutdown.aborted) return;
      if (error instanceof CallFailed && error.status === 404) {
        change(wo, () => finishRun(wo, id, "failure", "The job is not in the core any more."));
        return;
      }
      wo.logger.warn(`run ${id} is followed again: ${reasonOf(error)}`, { error, tries });
      await wo.world.sleep(backoffFor(wo.world, tries), wo.shutdown);
    }
  }
}

class Following {
  readonly #wo: Wollongong;
  readonly #run: RunRow;
  readonly #job: string;
  readonly #core;
  readonly #over = new AbortController();
  #tail: Tail;
  #next: number;
  #stale = false;
  #drawn: number;
  #redraw: (() => void) | undefined;

  constructor(wo: Wollongong, run: RunRow) {
    this.#wo = wo;
    this.#run = run;
    this.#job = run.job ?? "";
    this.#core = wo.coreOf(getSuite(wo, run.check_suite).repo);
    this.#tail = tailOf(run);
    this.#next = run.next_event;
    // A job that is over soon is told of once.
    this.#drawn = wo.world.now() + FIRST - REDRAW;
  }

  /** Ends when the run is over. @throws whatever keeps it from going on */
  async run(): Promise<void> {
    const signal = AbortSignal.any([this.#wo.shutdown, this.#over.signal]);
    const beside = [this.#cancelWhenAsked(signal)];
    try {
      for await (const news of follow(this.#core, this.#job, { from: this.#next, signal })) {
        if ("events" in news) this.#takeEvents(news.events);
        else if (await this.#takeState()) beside.push(this.#credentials(signal));
      }
      this.#draw();
      await finishJob(this.#wo, this.#run.id, this.#core);
    } finally {
      this.#redraw?.();
      this.#over.abort();
      await Promise.all(beside);
    }
  }

  /** Shown at once after a pause, else when its time has come. */
  #takeEvents(events: readonly JobEvent[]): void {
    const tail = lengthen(this.#tail, events);
    this.#stale ||= !Bun.deepEquals(tail, this.#tail);
    this.#tail = tail;
    this.#next = (events.at(-1)?.seq ?? 0) + 1;
    const { world } = this.#wo;
    if (!this.#stale || this.#redraw) return;
    const cancel = world.after(Math.max(0, this.#drawn + REDRAW - world.now()), () => {
      this.#redraw = undefined;
      this.#draw();
    });
    this.#redraw = cancel;
  }

  #draw(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#drawn = this.#wo.world.now();
    change(this.#wo, () => updateRun(this.#wo, this.#run.id, { tail: JSON.stringify(this.#tail), next_event: this.#next }));
  }

  /** @returns whether the job runs now for the first time */
  async #takeState(): Promise<boolean> {
    const job = await this.#core.call("job_get", { path: { job: this.#job } });
    const known = runById(this.#wo, this.#run.id);
    const seen = seenOf(job);
    if (known && (Object.keys(seen) as (keyof typeof seen)[]).some((key) => known[key] !== seen[key]))
      change(this.#wo, () => updateRun(this.#wo, this.#run.id, seen));
    const first = job.state === "running" && !this.#running;
    this.#running ||= first;
    return first;
  }
  #running = false;

  async #credentials(signal: AbortSignal): Promise<void> {
    const suite = getSuite(this.#wo, this.#run.check_suite);
    const install = installById(this.#wo, suite.install);
    if (install) await keepCredentials(this.#wo, { run: this.#run, suite, install, core: this.#core }, signal);
  }

  /** Somebody may press Cancel at any time. */
  async #cancelWhenAsked(signal: AbortSignal): Promise<void> {
    const { bells, world, logger } = this.#wo;
    for (let tries = 1; !signal.aborted; ) {
      const topic = `run ${this.#run.id}`;
      const rung = bells.version(topic);
      const run = runById(this.#wo, this.#run.id);
      if (run?.cancelled_by != null && run.cancelled === 0) {
        try {
          await this.#core.call("job_cancel", { path: { job: this.#job } }, { signal });
          change(this.#wo, () => updateRun(this.#wo, this.#run.id, { cancelled: 1 }));
        } catch (error) {
          // It has ended by itself meanwhile.
          if (error instanceof CallFailed && !error.passing) return;
          if (signal.aborted) return;
          logger.warn(`job ${this.#job} cannot be cancelled yet: ${reasonOf(error)}`, { error });
          await world.sleep(backoffFor(world, tries++), signal);
          continue;
        }
      }
      await bells.wait(topic, rung, signal);
    }
  }
}

const timeOf = (times: Job["times"], name: string) => (times[name] === undefined ? null : Date.parse(times[name]));

const seenOf = ({ state, times }: Job) => ({
  job_state: state,
  time_assigned: timeOf(times, "assigned"),
  time_complete: timeOf(times, "complete"),
});
