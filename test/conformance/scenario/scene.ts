import type { Answer } from "../../../core/client/client.ts";
import type { OperationName } from "../../../core/client/operations.ts";
import { ADMIN_TOKEN, aJob, type ConfigChanges, type TestServer, testServer } from "../../../core/fixture.ts";
import { type ManualWorld, manualWorld } from "../../fixture/manual-world.ts";
import { type Ask, type Told, Wire } from "../call.ts";

export const UNKNOWN = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

export const bytes = (text: string) => new TextEncoder().encode(text);

/** Somebody with a token, who calls operations of the original's by name; each answer is held against the original's schema. */
export class Party {
  readonly token: string;
  readonly #wire: Wire;

  constructor(wire: Wire, token: string) {
    this.#wire = wire;
    this.token = token;
  }

  /** Whatever is answered, a refusal too. */
  async ask(name: string, ask: Ask = {}): Promise<Told> {
    return await this.#wire.ask(name, { token: this.token, ...ask });
  }

  async status(name: string, ask: Ask = {}): Promise<number> {
    return (await this.ask(name, ask)).status;
  }

  /** @throws Refusal */
  async call<Name extends OperationName>(name: Name, ask: Ask = {}): Promise<Answer<Name>> {
    return await this.#wire.call<Answer<Name>>(name, { token: this.token, ...ask });
  }

  /** A stream, from its beginning. */
  async open(name: string, ask: Ask = {}): Promise<Response> {
    return await this.#wire.open(name, { token: this.token, ...ask });
  }
}

export class Named extends Party {
  readonly id: string;

  constructor(wire: Wire, token: string, id: string) {
    super(wire, token);
    this.id = id;
  }
}

/** A real core whose clock the test moves, with a target `default`, a factory and a user alice. */
export class Scene {
  readonly world: ManualWorld;
  readonly server: TestServer;
  readonly admin: Party;
  readonly target: string;
  readonly factory: Named;
  readonly alice: Named;
  readonly #wire: Wire;

  private constructor(world: ManualWorld, server: TestServer, target: string, factory: Named, alice: Named) {
    this.world = world;
    this.server = server;
    this.#wire = new Wire(server.url);
    this.admin = new Party(this.#wire, ADMIN_TOKEN);
    this.target = target;
    this.factory = factory;
    this.alice = alice;
  }

  static async open(changes: ConfigChanges = {}, world = manualWorld()): Promise<Scene> {
    // Hours pass in a few steps.
    const server = await testServer({ ...changes, schedule: { safety_net: 60, ...changes.schedule } }, world);
    const wire = new Wire(server.url);
    const admin = new Party(wire, ADMIN_TOKEN);
    const { id: target } = await admin.call("target_create", { body: { name: "default", desc: "for tests" } });
    const factory = await admin.call("factory_create", { body: { name: "box" } });
    const alice = await admin.call("user_create", { body: { name: "alice" } });
    return new Scene(world, server, target, new Named(wire, factory.token, factory.id), new Named(wire, alice.token, alice.id));
  }

  async user(name: string, ...privileges: string[]): Promise<Named> {
    const { id, token } = await this.admin.call("user_create", { body: { name } });
    for (const privilege of privileges) await this.admin.call("user_privilege_grant", { path: { user: id, privilege } });
    return new Named(this.#wire, token, id);
  }

  async anotherFactory(name: string): Promise<Named> {
    const { id, token } = await this.admin.call("factory_create", { body: { name } });
    return new Named(this.#wire, token, id);
  }

  /** Somebody with this token, or with none that is known. */
  nobody = (token = "nobody-at-all"): Party => new Party(this.#wire, token);

  /** A job of alice's, of one task. @returns its id */
  async submit(changes: object = {}): Promise<string> {
    return (await this.alice.call("job_submit", { body: aJob(changes) })).id;
  }

  job = (job: string) => this.alice.call("job_get", { path: { job } });

  async state(job: string): Promise<string> {
    return (await this.job(job)).state;
  }

  /** What the log of a job says. */
  async log(job: string): Promise<string[]> {
    return (await this.alice.call("job_events_get", { path: { job } })).map(({ payload }) => payload);
  }

  /** The record of a machine, as its factory makes it. */
  machine = (body: object = {}, factory: Party = this.factory) =>
    factory.call("factory_worker_create", { body: { target: this.target, ...body } });

  /** A machine whose agent is there. @param job what it is to run @param other of its record */
  async worker(job?: string, other: object = {}, factory: Party = this.factory): Promise<Named> {
    const { id, bootstrap } = await this.machine({ ...(job ? { job } : {}), ...other }, factory);
    await this.boot(id, bootstrap, factory);
    return new Named(this.#wire, `agent-token-${id}`, id);
  }

  async boot(id: string, bootstrap: string, factory: Party = this.factory): Promise<void> {
    await factory.call("factory_worker_associate", { path: { worker: id }, body: { private: `machine-${id}` } });
    await this.nobody().call("worker_bootstrap", { body: { bootstrap, token: `agent-token-${id}` } });
  }

  /** The factory's view of a machine; null once it is gone. */
  async seen(worker: string) {
    return (await this.factory.call("factory_worker_get", { path: { worker } })).worker ?? null;
  }

  lease = async (factory: Party = this.factory, targets = [this.target], query = {}): Promise<string | null> =>
    (await factory.call("factory_lease", { body: { supported_targets: targets }, query })).lease?.job ?? null;

  /** What an agent says at the end of a job of one task. */
  async finish(worker: Party, job: string, failed = false): Promise<void> {
    await worker.call("worker_task_complete", { path: { job, task: 0 }, body: { failed } });
    await worker.call("worker_job_complete", { path: { job }, body: { failed } });
  }

  /** Begins a commit of these bytes. @returns what asks how it stands, also for other arguments */
  async commit(party: Party, kind: "input" | "output", job: string, name: string, text: string) {
    const upload = kind === "input" ? "job_upload_chunk" : "worker_job_upload_chunk";
    const { id } = await party.call(upload, { path: { job }, body: bytes(text) });
    const add = kind === "input" ? "job_add_input" : "worker_job_add_output";
    const body = { chunks: [id], commit_id: this.world.id(), size: text.length, [kind === "input" ? "name" : "path"]: name };
    return async (changes: object = {}, query: { wait?: number } = { wait: 10 }) =>
      await party.ask(add, { path: { job }, body: { ...body, ...changes }, query });
  }

  /** @returns the output's id */
  async output(worker: Party, job: string, path: string, text: string): Promise<string> {
    await (await this.commit(worker, "output", job, path, text))();
    const outputs = await this.alice.call("job_outputs_get", { path: { job } });
    return outputs.find((output) => output.path === path)?.id ?? "none";
  }

  /** Moves the clock on, a little at a time, until it is so: for what threads do. */
  async until(isSo: () => unknown, what: string, step = 0): Promise<void> {
    for (let tries = 0; tries < 4_000; tries++) {
      if (await isSo()) return;
      await this.world.advance(step);
    }
    throw new Error(`it never came to be that ${what}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

/** What a call was answered: status and JSON. */
export const told = ({ status, json }: Told) => ({ status, json });
