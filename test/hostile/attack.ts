import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { livingProcesses } from "../../agent/processes.ts";
import type { Job, JobEvent, JobSubmit } from "../../core/client/operations.ts";
import { eventually, type TestService, withService } from "../e2e/service.ts";

/** What is left to look at when a hostile job is over. */
export interface Aftermath {
  job: Job;
  /** Why it ended, in the core's words. */
  reason: string;
  events: JobEvent[];
  /** Payloads of one stream. */
  lines(stream: string): string[];
}

interface Attack {
  script: string;
  /** What else is submitted. */
  rest?: Partial<JobSubmit>;
  /** Further lines of `[sandbox]`, and tables after it. */
  config?: string;
}

/**
 * One test: a hostile job runs on a real machine with a peaceful one beside it. The peaceful job and the server must not be
 * harmed, and nothing of either machine may be left when the service has stopped; `look` says what else must hold.
 */
export function attack(
  name: string,
  { script, rest = {}, config = "" }: Attack,
  look: (aftermath: Aftermath, service: TestService) => void | Promise<void>,
): void {
  test(name, async () => {
    const state = mkdtempSync(join("/var/tmp", "hostile-"));
    // The ids of a machine must reach their files.
    chmodSync(state, 0o711);
    const before = new Set(descendants());
    const sandbox = `slots = 2\nwarm = 0\nstate_dir = "${join(state, "boxes")}"\n${config}`;
    try {
      await withService(async (service) => {
        const id = await submit(service, script, rest);
        const neighbour = await submit(service, PEACEFUL, { output_rules: ["=/work/bread"] });
        const aftermath = await over(service, id);
        await checkNeighbour(service, neighbour);
        await look(aftermath, service);
        await eventually(async () => (await service.admin.call("workers_list", { query: { active: true } })).items.length === 0);
      }, sandbox);
      expect(descendants().filter((pid) => !before.has(pid))).toEqual([]);
      expect(existsSync(join(state, "boxes"))).toBe(false);
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  });
}

/** Works for a while: it starts processes, writes files and talks to the core. */
const PEACEFUL = `for i in $(seq 1 8); do bmat store put loaf "$i"; sleep 0.05; echo "loaf $i of $(hostname | wc -l)"; done
seq 1 1000 >/work/bread; echo done`;

async function submit({ client }: TestService, script: string, rest: Partial<JobSubmit>): Promise<string> {
  const tasks = [{ name: "attack", script, env: {}, env_clear: false }];
  const body = { name: "attack", target: "default", inputs: [], output_rules: [], tasks, ...rest };
  return (await client.call("job_submit", { body })).id;
}

async function over({ client }: TestService, id: string): Promise<Aftermath> {
  const path = { job: id };
  const get = () => client.call("job_get", { path });
  await eventually(async () => (await get()).log != null);
  const events: JobEvent[] = [];
  for (let page = await eventsFrom(client, id, 1); page.length > 0; page = await eventsFrom(client, id, events.length + 1))
    events.push(...page);
  const lines = (stream: string) => events.filter((event) => event.stream === stream).map(({ payload }) => payload);
  return { job: await get(), reason: lines("control").at(-1) ?? "", events, lines };
}

const eventsFrom = (client: TestService["client"], job: string, minseq: number): Promise<JobEvent[]> =>
  client.call("job_events_get", { path: { job }, query: { minseq } });

async function checkNeighbour(service: TestService, id: string): Promise<void> {
  const { job, lines } = await over(service, id);
  expect(job.state).toBe("completed");
  expect(lines("stdout")).toEqual([...Array.from({ length: 8 }, (_, i) => `loaf ${i + 1} of 1`), "done"]);
  const bread = createHash("sha256")
    .update(Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join(""))
    .digest("hex");
  const outputs = await service.client.call("job_outputs_get", { path: { job: id } });
  expect(outputs.map(({ path, sha256 }) => [path, sha256])).toEqual([["/work/bread", bread]]);
}

/** Processes that this one has started, and theirs. */
function descendants(): number[] {
  const found = new Set([process.pid]);
  const all = livingProcesses();
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found];
}
