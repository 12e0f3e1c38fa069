import { ulid } from "ulid";
import { type Ask, Refusal, type Wire } from "../call.ts";
import { Uploader } from "./uploader.ts";

export interface Task {
  id: number;
  name: string;
  script: string;
  env: Record<string, string>;
  uid: number;
  gid: number;
  workdir: string;
}

interface OutputRule {
  rule: string;
  ignore: boolean;
  size_change_ok: boolean;
  require_match: boolean;
}

interface PingedJob {
  id: string;
  output_rules: OutputRule[];
  tasks: Task[];
  inputs: { id: string; name: string }[];
}

interface Metadata {
  pre_job_diagnostic_script: string | null;
  post_job_diagnostic_script: string | null;
}

interface Ping {
  poweroff: boolean;
  job: PingedJob | null;
  factory_metadata: Metadata | null;
  factory_info: { id: string; name: string; private: string | null };
}

/** What a script does, in the place of bash. @returns its exit code */
export type Deed = (agent: OldAgent, task: Task) => Promise<number> | number;

export interface AgentOptions {
  wire: Wire;
  bootstrap: string;
  /** By script; one that is not there prints itself and succeeds. */
  deeds: Record<string, Deed>;
  /** Every call is made twice, as if the first answer had been lost. */
  doubled: boolean;
  /** A second of the original's, in ms. */
  second: number;
  /** The machine is destroyed. */
  signal: AbortSignal;
}

const PIECE = 5 * 1024 * 1024;

const echo: Deed = (agent, task) => {
  agent.say("stdout", task.script);
  return 0;
};

/**
 * An agent that speaks exactly the original's protocol: it pings once a second, knows no cursor and no long poll, sends at
 * most 100 events at once, and tries everything again for ever, a second later.
 */
export class OldAgent {
  readonly token = `${ulid()}${ulid()}oldagent1234`;
  /** By name, what was found in /input. */
  readonly inputs = new Map<string, Uint8Array>();
  /** By path, what tasks leave behind. */
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  factory: Ping["factory_info"] | undefined;
  /** Pings that were answered with poweroff. */
  poweroffs = 0;
  readonly #options: AgentOptions;
  readonly #worker: Uploader;
  #job: Uploader | undefined;
  #id = "";
  #task: number | undefined;
  #looked = false;
  #after: string | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#worker = new Uploader((body) => this.#keep("worker_append", { body }));
  }

  /** Lives until the machine is destroyed. */
  async run(): Promise<void> {
    const { bootstrap, signal } = this.#options;
    await this.#keep("worker_bootstrap", { body: { bootstrap, token: this.token } });
    while (!signal.aborted) {
      const { poweroff, job, factory_metadata } = await this.#ping();
      const ready = !poweroff && job && this.#id === "" && (await this.#prepare(factory_metadata?.pre_job_diagnostic_script));
      if (ready) await this.#run(job);
      await this.#pause();
    }
  }

  /** A line of the running task, or of a process beside it. */
  say(stream: string, payload: string): void {
    this.#job?.say({ stream, payload, ...(this.#task === undefined ? {} : { task: this.#task }) });
  }

  /** `bmat store put` */
  async put(name: string, value: string, secret = false): Promise<void> {
    await this.#keep("worker_job_store_put", { path: { job: this.#id, name }, body: { secret, value } });
  }

  /** `bmat store get` */
  async get(name: string): Promise<string | undefined> {
    const { value } = await this.#keep<{ value: { value: string } | null }>("worker_job_store_get", {
      path: { job: this.#id, name },
    });
    return value?.value;
  }

  /** Resolves when the machine is destroyed. */
  async destroyed(): Promise<void> {
    while (!this.#options.signal.aborted) {
      await this.#ping();
      await this.#pause();
    }
  }

  async #ping(): Promise<Ping> {
    const ping = await this.#keep<Ping>("worker_ping");
    if (ping.poweroff) this.poweroffs++;
    this.factory = ping.factory_info;
    const after = ping.factory_metadata?.post_job_diagnostic_script;
    if (after && this.#after === undefined) {
      await this.#keep("worker_diagnostics_enable");
      this.#after = after;
    }
    return ping;
  }

  /** Diagnostics before the job, once. @returns whether it may be taken on now */
  async #prepare(script: string | null | undefined): Promise<boolean> {
    if (this.#looked || !script) return true;
    this.#looked = true;
    if ((await this.#diagnose(script, "pre")) === 0) return false;
    await this.#keep("worker_fail", { body: { reason: "pre-job diagnostics found a fault" } });
    this.#id = "broken";
    return false;
  }

  async #diagnose(script: string, stage: string): Promise<number> {
    this.#worker.say({ stream: `diag.${stage}`, payload: "begins" });
    const code = await (this.#options.deeds[script] ?? (() => 0))(this, { id: 0 } as Task);
    this.#worker.say({ stream: `diag.${stage}`, payload: `exit ${code}` });
    return code;
  }

  async #run({ id, tasks, inputs, output_rules }: PingedJob): Promise<void> {
    this.#id = id;
    this.#job = new Uploader((body) => this.#keep("worker_job_append", { path: { job: id }, body }));
    for (const input of inputs) await this.#download(input);
    let failed = false;
    for (const task of tasks) if (!failed) failed = await this.#perform(task);
    failed = (await this.#upload(output_rules)) || failed;
    await this.#job.flush();
    await this.#keep("worker_job_complete", { path: { job: id }, body: { failed } });
    if (this.#after === undefined) return;
    const hold = (await this.#diagnose(this.#after, "post")) !== 0;
    await this.#worker.flush();
    await this.#keep("worker_diagnostics_complete", { body: { hold } });
  }

  async #download({ id, name }: { id: string; name: string }): Promise<void> {
    this.say("worker", `downloading ${name}`);
    const path = { job: this.#id, input: id };
    this.inputs.set(name, await this.#bytes("worker_job_input_download", { path }));
    this.say("worker", `downloaded ${name}`);
  }

  /** @returns whether it failed */
  async #perform(task: Task): Promise<boolean> {
    this.#task = task.id;
    this.say("task", `starting task ${task.id}: "${task.name}"`);
    const deed = this.#options.deeds[task.script] ?? echo;
    const code = await deed(this, task);
    this.say("task", `exit ${code}`);
    this.#task = undefined;
    await this.#job?.flush();
    await this.#keep("worker_task_complete", { path: { job: this.#id, task: task.id }, body: { failed: code !== 0 } });
    return code !== 0;
  }

  /** @returns whether anything went wrong */
  async #upload(rules: OutputRule[]): Promise<boolean> {
    const matches = (path: string, want: (rule: OutputRule) => boolean) =>
      rules.some((rule) => want(rule) && new Bun.Glob(rule.rule).match(path));
    const paths = [...this.files.keys()]
      .sort()
      .filter((path) => matches(path, (rule) => !rule.ignore) && !matches(path, (rule) => rule.ignore));
    this.say("worker", `found ${paths.length} output files`);
    let failed = false;
    for (const path of paths) failed = (await this.#uploadFile(path)) || failed;
    const missing = rules.filter((rule) => rule.require_match && !paths.some((path) => new Bun.Glob(rule.rule).match(path)));
    return failed || missing.length > 0;
  }

  async #uploadFile(path: string): Promise<boolean> {
    const bytes = this.files.get(path) ?? new Uint8Array();
    this.say("worker", `uploading ${path}`);
    const job = this.#id;
    const { max_bytes_per_output } = await this.#keep<{ max_bytes_per_output: number }>("worker_job_quota", { path: { job } });
    if (bytes.length > max_bytes_per_output) return true;
    const chunks: string[] = [];
    for (let at = 0; at < bytes.length; at += PIECE) {
      const { id } = await this.#keep<{ id: string }>("worker_job_upload_chunk", {
        path: { job },
        body: bytes.slice(at, at + PIECE),
      });
      chunks.push(id);
    }
    const body = { path, size: bytes.length, chunks, commit_id: ulid() };
    for (;;) {
      const { complete, error } = await this.#keep<{ complete: boolean; error: string | null }>("worker_job_add_output", {
        path: { job },
        body,
      });
      if (error !== null) this.say("worker", `uploading ${path}: ${error}`);
      if (complete) return error !== null;
      await this.#pause();
    }
  }

  async #keep<T>(name: string, ask: Ask = {}): Promise<T> {
    // Held against the table before.
    return (await this.#again(name, ask)).json as T;
  }

  async #bytes(name: string, ask: Ask): Promise<Uint8Array> {
    return (await this.#again(name, ask)).bytes;
  }

  /** Until it is done, whatever the refusal; then once more, where every answer is lost once. */
  async #again(name: string, ask: Ask) {
    const { wire, doubled, signal } = this.#options;
    for (let done = 0; ; ) {
      signal.throwIfAborted();
      try {
        const told = await wire.must(name, { token: this.token, ...ask, signal });
        done++;
        if (done > 1 || !doubled) return told;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return Bun.sleep(this.#options.second);
  }
}
