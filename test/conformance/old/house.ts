import { ADMIN_TOKEN, type ConfigChanges, testServer } from "../../../core/fixture.ts";
import { Wire } from "../call.ts";
import { type Deed, OldAgent } from "./agent.ts";
import { OldCli } from "./cli.ts";
import { OldFactory } from "./factory.ts";

/** A second of the original's clients, in ms: they wait for nothing else. */
const SECOND = 5;

interface HouseOptions {
  deeds?: Record<string, Deed>;
  /** Agents make every call twice. */
  doubled?: boolean;
  flush?: boolean;
  metadata?: object;
  config?: ConfigChanges;
}

/** A real core with a factory and agents of the original's protocol that run what is submitted. */
export async function oldHouse({ deeds = {}, doubled = false, flush = false, metadata, config }: HouseOptions = {}) {
  // A machine may be given an older job than the one that it was made for; that one is then leased again when its lease ends.
  const server = await testServer({ ...config, schedule: { lease: 1, ...config?.schedule } });
  const wire = new Wire(server.url);
  const admin = new OldCli(wire, ADMIN_TOKEN, SECOND);
  const { id: target } = await admin.call<{ id: string }>("target_create", { body: { name: "plain", desc: "plain machine" } });
  const { id, token } = await admin.call<{ id: string; token: string }>("factory_create", { body: { name: "fac" } });
  const agents: OldAgent[] = [];
  const lives: Promise<void>[] = [];
  // What one of them cannot cope with ends the whole test.
  const orEnd = (life: Promise<void>) => life.catch((error: unknown) => wire.end(error));
  const make = (bootstrap: string) => {
    const down = new AbortController();
    const agent = new OldAgent({ wire, bootstrap, deeds, doubled, second: SECOND, signal: down.signal });
    agents.push(agent);
    const life = agent.run().catch((error: unknown) => {
      if (!down.signal.aborted) throw error;
    });
    lives.push(orEnd(life));
    return { destroy: () => down.abort() };
  };
  const factory = new OldFactory({ wire, token, targets: [target], limit: 4, flush, metadata: metadata ?? null, make });
  let open = true;
  const passes = async () => {
    while (open || !factory.idle) {
      await factory.pass();
      await Bun.sleep(SECOND);
    }
  };
  lives.push(orEnd(passes()));
  return {
    server,
    wire,
    admin,
    agents,
    target,
    factory: { id, token },
    /** A new user's command line. */
    async user(name: string) {
      const { token } = await admin.call<{ token: string }>("user_create", { body: { name } });
      return new OldCli(wire, token, SECOND);
    },
    /** Waits until every machine is gone. @throws what any of the clients could not cope with */
    async close(): Promise<void> {
      const atWork = async () => {
        const { workers } = await admin.call<{ workers: { jobs: object[] }[] }>("workers_list_old", { query: { active: true } });
        return workers.some(({ jobs }) => jobs.length > 0);
      };
      while (await atWork()) await Bun.sleep(SECOND);
      open = false;
      while (!factory.idle) {
        // One that was made in vain would wait for half an hour.
        await admin.call("workers_recycle");
        await Bun.sleep(SECOND);
      }
      await Promise.all(lives);
      await wire.must("quota");
    },
    async [Symbol.asyncDispose]() {
      wire.end(new Error("the test is over"));
      await Promise.all(lives);
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A job of one task, changed as wanted; the script names the deed. */
export const job = (script: string, changes: object = {}) => ({
  name: script,
  target: "plain",
  output_rules: [],
  tasks: [{ name: "default", script, env: {}, env_clear: false, uid: null, gid: null, workdir: null }],
  tags: {},
  depends: {},
  ...changes,
});
