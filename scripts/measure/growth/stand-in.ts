import { statSync } from "node:fs";
import { type Answering, Thread } from "../../../core/common/thread.ts";
import { realWorld } from "../../../core/common/world.ts";
import type { Core } from "../../../core/core.ts";
import type { Storing } from "../../../core/file/commits.ts";
import type { Sealed } from "../../../core/log/logs.ts";
import type { Content, TransferTask } from "../../../core/storage/transfer.ts";
import { DAY, linesOf, type Plan, START, textOf } from "./plan.ts";
import type { Time } from "./world.ts";

/** The object store: so long for a request, and so many bytes a second of each of the four transfers at once, both ways. */
export const LATENCY = 80;
export const BANDWIDTH = 40_000_000;
/** For so long, in the middle of the life, it refuses everything. */
export const OUTAGE = 2 * 3600_000;

const hash = (text: string) => Bun.CryptoHasher.hash("sha256", text, "hex");

/** What stands in for bytes: logs, files and objects are counted, but for those jobs whose are real. */
export class StandIn {
  /** Ids of jobs and workers whose logs and objects are real. */
  readonly real = new Set<string>();
  readonly sealer: Answering<string, Sealed>;
  readonly storing: Storing;
  readonly transferring: Answering<TransferTask, Content>;
  /** Logs that are counted: how many, and the bytes of their text. */
  readonly logs = { jobs: 0, workers: 0, text: 0 };
  /** What real logs had: text, and what their sealed files take. */
  readonly sealed = { text: 0, disk: 0 };
  readonly objects = { count: 0, bytes: 0, refused: 0 };
  readonly flushes = { count: 0, real: false };
  readonly #plan: Plan;
  readonly #time: Time;
  readonly #outage: number;

  constructor(plan: Plan, time: Time) {
    this.#plan = plan;
    this.#time = time;
    this.#outage = START + (plan.days / 2) * DAY;
    const sealer = time.instant(new Thread<string, Sealed>(realWorld(), "core/log/seal.thread.ts"));
    const storer: Storing = new Thread(realWorld(), "core/file/store.thread.ts");
    const real = time.instant(new Thread<TransferTask, Content>(realWorld(), "core/storage/transfer.thread.ts"));
    this.sealer = {
      ask: async (file) => {
        const sealed = await sealer.ask(file);
        const [, job = ""] = /(\w+)\.sqlite$/.exec(file) ?? [];
        this.sealed.text += textOf(plan, job);
        this.sealed.disk += statSync(file).size;
        return sealed;
      },
      close: () => sealer.close(),
    };
    this.storing = {
      ask: async (task) => {
        const [, job = ""] = /file\/(\w+)\//.exec("to" in task ? task.to : "") ?? [];
        return !this.real.has(job) && "to" in task ? { sha256: hash(task.to) } : await storer.ask(task);
      },
      close: () => storer.close(),
    };
    this.transferring = {
      ask: async (task) => {
        const content = await this.#transfer(task, real);
        if (task.transfer.do === "fetch") return content;
        this.objects.count++;
        this.objects.bytes += content.size;
        return content;
      },
      close: () => real.close(),
    };
  }

  /** What a byte of text takes on the disk once its log is sealed. */
  get ratio(): number {
    return this.sealed.text === 0 ? 0.1 : this.sealed.disk / this.sealed.text;
  }

  /** Puts itself between a core and its disk. */
  install(core: Core): void {
    this.#logs(core);
    this.#wal(core);
    // Nothing is to be learnt from waiting for the disk a million times: flushes are counted, and made where they are timed.
    core.db.run("PRAGMA synchronous = OFF");
  }

  #logs({ logs, db }: Core): void {
    const { append, seal, remove } = logs;
    const isJob = db.query<unknown, [string]>("SELECT 1 FROM job WHERE id = ?");
    const count = (id: string, sign: 1 | -1) => {
      if (!isJob.get(id)) this.logs.workers += sign;
      else {
        this.logs.jobs += sign;
        this.logs.text += sign * textOf(this.#plan, id);
      }
    };
    logs.append = (id, batch) => {
      if (this.real.has(id)) return append.call(logs, id, batch);
      if (batch.first === 1) count(id, 1);
      return { next: (batch.first ?? 1) + batch.events.length, last: 1 };
    };
    logs.seal = async (id) => {
      if (this.real.has(id)) return await seal.call(logs, id);
      const lines = linesOf(this.#plan, id);
      return { count: lines, bytes: lines * 250, sha256: hash(id) };
    };
    logs.remove = (id) => {
      if (this.real.has(id)) remove.call(logs, id);
      else count(id, -1);
    };
  }

  #wal({ wal }: Core): void {
    const { owe, settle } = wal;
    let owed = false;
    wal.owe = () => {
      owed = true;
    };
    wal.settle = () => {
      if (!owed) return;
      owed = false;
      this.flushes.count++;
      if (!this.flushes.real) return;
      owe.call(wal);
      settle.call(wal);
    };
  }

  async #transfer(task: TransferTask, real: Answering<TransferTask, Content>): Promise<Content> {
    const { transfer } = task;
    if (transfer.do === "fetch") return await real.ask(task);
    const [, job = ""] = /^(?:file|log\/\d+|job\/\d+)\/(\w+)/.exec(transfer.key) ?? [];
    const size =
      transfer.do === "put text"
        ? transfer.text.length
        : transfer.do === "put log"
          ? Math.round(textOf(this.#plan, job) * this.ratio)
          : transfer.content.size;
    // It is written, and read back.
    await this.#time.world.sleep(2 * (LATENCY + (size / BANDWIDTH) * 1000));
    if (this.#time.now >= this.#outage && this.#time.now < this.#outage + OUTAGE) {
      this.objects.refused++;
      throw new Error("503 Slow Down");
    }
    if (this.real.has(job)) return await real.ask(task);
    return { size, sha256: hash(transfer.do === "put text" ? transfer.text : transfer.key) };
  }
}
