import { Client } from "../../core/client/client.ts";
import { CallFailed } from "../../core/client/failure.ts";
import type { JobSubmit } from "../../core/client/operations.ts";
import { eventLine } from "../../core/common/event-line.ts";
import { Process } from "./process.ts";
import type { Random } from "./random.ts";
import type { Step } from "./script.ts";
import type { Life } from "./sim.ts";

/** A job as its user means it. */
export interface Wanted {
  name: string;
  tasks: Step[][];
  /** Paths that its tasks leave behind, if they come so far. */
  outputs: string[];
  input: Uint8Array<ArrayBuffer> | undefined;
  retries: number;
  /** Seconds. */
  timeout: number | undefined;
  /** Waits for this earlier job of the user, if that was accepted, whatever became of it. */
  after: string | undefined;
  /** Cancelled so long after it was accepted, ms. */
  cancelAfter: number | undefined;
  /** Accepted under this id. */
  id: string | undefined;
}

/** Whether a job that meets no trouble completes. */
export const isSound = ({ tasks }: Wanted): boolean => !tasks.flat().some((step) => "exit" in step && step.exit !== 0);

const sha256 = (bytes: Uint8Array) => Bun.CryptoHasher.hash("sha256", bytes, "hex");

function aJob(random: Random, number: number, earlier: readonly string[]): Wanted {
  const input = random.chance(0.3) ? random.bytes(random.between(1, 3_000)) : undefined;
  const outputs: string[] = [];
  const tasks = Array.from({ length: random.between(1, 3) }, (_, task) => {
    const steps = Array.from({ length: random.between(1, 4) }, () => aStep(random, `${number}-${task}`, outputs));
    if (random.chance(0.1)) steps.push({ exit: random.between(0, 3) });
    return steps;
  });
  if (input) tasks[0]?.unshift({ input: "given.bin", sha256: sha256(input) });
  return {
    name: `job-${number}`,
    tasks,
    outputs,
    input,
    retries: random.between(0, 3),
    timeout: random.chance(0.2) ? random.between(10, 200) : undefined,
    after: random.chance(0.25) ? earlier[random.between(0, earlier.length - 1)] : undefined,
    cancelAfter: random.chance(0.15) ? random.between(0, 60_000) : undefined,
    id: undefined,
  };
}

function aStep(random: Random, where: string, outputs: string[]): Step {
  const kind = random.between(1, 10);
  if (kind <= 5) return { print: random.between(1, 20), every: random.pick([0, 1, 50, 500, 2_000]) };
  if (kind <= 7) return { pause: random.between(0, random.pick([100, 5_000, 60_000])) };
  if (kind === 8) return { store: `value_${random.between(1, 3)}` };
  const path = `/work/${where}-${outputs.length}`;
  outputs.push(path);
  return { output: path, bytes: random.between(0, random.pick([10, 4_000, 40_000])) };
}

/** A user who hands jobs in, waits for nothing, and is sure that what was accepted will be done. */
export class User {
  readonly wanted: Wanted[] = [];
  /** Everything was handed in. */
  done = false;
  readonly #life: Life;
  readonly #token: string;
  readonly #process: Process;

  constructor(life: Life, token: string) {
    const { clock, network, random } = life;
    this.#life = life;
    this.#token = token;
    this.#process = new Process({ clock, network, random, name: "user" });
  }

  /** @param within ms in which the jobs come */
  async work(jobs: number, within: number): Promise<void> {
    const { world, random } = this.#process;
    const client = new Client({ world, url: this.#life.baseurl, token: this.#token, patience: Number.POSITIVE_INFINITY });
    const errands: Promise<void>[] = [];
    for (let number = 1; number <= jobs; number++) {
      await world.sleep(random.between(0, (2 * within) / jobs));
      const earlier = this.wanted.flatMap(({ id }) => (id === undefined ? [] : [id]));
      const job = aJob(random, number, earlier);
      this.wanted.push(job);
      errands.push(this.#submit(client, job));
    }
    await Promise.all(errands);
    this.done = true;
  }

  /** Everything that was handed in, as the service tells of it when it is long over. @returns what is not as it was */
  async readBack(): Promise<string | undefined> {
    const { world } = this.#process;
    const client = new Client({ world, url: this.#life.baseurl, token: this.#token, patience: Number.POSITIVE_INFINITY });
    for (const wanted of this.wanted) {
      const path = { job: wanted.id ?? "" };
      const job = await client.call("job_get", { path });
      const { tasks, output_rules } = submissionOf(wanted);
      if (
        !Bun.deepEquals(
          [job.tasks.map(({ script }) => script), job.output_rules],
          [tasks.map(({ script }) => script), output_rules],
        )
      )
        return `${wanted.name} is told otherwise than it was handed in`;
      const lines: string[] = [];
      for (let page = await client.call("job_events_get", { path, query: {} }); page.length > 0; ) {
        lines.push(...page.map((event) => `${eventLine(event)}\n`));
        page = await client.call("job_events_get", { path, query: { minseq: lines.length + 1 } });
      }
      const found = sha256(new TextEncoder().encode(lines.join("")));
      if (job.log?.sha256 !== found) return `the log of ${wanted.name} has the hash ${found}, ${job.log?.sha256} is told`;
      for (const output of await client.call("job_outputs_get", { path })) {
        const bytes = await client.call("job_output_download", { path: { ...path, output: output.id } });
        if (sha256(new Uint8Array(await bytes.arrayBuffer())) !== output.sha256)
          return `output ${output.path} of ${wanted.name} has other bytes`;
      }
    }
    return undefined;
  }

  async #submit(client: Client, job: Wanted): Promise<void> {
    const { id } = await client.call("job_submit", { body: submissionOf(job) });
    job.id = id;
    this.#life.trace(`accepted ${job.name} as ${id}`);
    const errands: Promise<void>[] = [];
    if (job.input) errands.push(this.#handIn(client, id, job.input));
    if (job.cancelAfter !== undefined) errands.push(this.#cancel(client, id, job.cancelAfter));
    await Promise.all(errands);
  }

  async #handIn(client: Client, job: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { world } = this.#process;
    const commit_id = world.id();
    const body = { name: "given.bin", size: bytes.length, sha256: sha256(bytes), commit_id, chunks: [] };
    try {
      await client.call("job_upload_chunk", { path: { job }, query: { commit_id, offset: 0 }, body: bytes });
      for (let complete = false; !complete; ) {
        const { answer } = await client.poll("job_add_input", { path: { job }, query: {}, body }, { wait: 10 });
        complete = answer.complete;
        // Cancelled while it was being stored.
        if (answer.error && !answer.error.includes("takes no input"))
          this.#life.fail(`the input of ${job} was refused: ${answer.error}`);
      }
    } catch (error) {
      if (!hasEnded(error)) throw error;
    }
  }

  async #cancel(client: Client, job: string, after: number): Promise<void> {
    await this.#process.world.sleep(after);
    try {
      await client.call("job_cancel", { path: { job } });
    } catch (error) {
      if (!hasEnded(error)) throw error;
    }
  }
}

/** Cancelled, or run, before the call arrived. */
const hasEnded = (error: unknown) => error instanceof CallFailed && error.status === 409;

const submissionOf = ({ name, tasks, outputs, input, retries, timeout, after }: Wanted): JobSubmit => ({
  name,
  target: "default",
  output_rules: outputs.map((path) => `=${path}`),
  inputs: input ? ["given.bin"] : [],
  retries_on_lost_worker: retries,
  timeout_seconds: timeout ?? null,
  tasks: tasks.map((steps, i) => ({ name: `task ${i}`, script: JSON.stringify(steps), env: {}, env_clear: false })),
  depends: after === undefined ? {} : { prior: { prior_job: after, copy_outputs: true, on_completed: true, on_failed: true } },
});
