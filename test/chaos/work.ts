import { expect } from "bun:test";
import type { Client } from "../../core/client/client.ts";
import type { Job, JobEvent } from "../../core/client/operations.ts";
import { eventually } from "../e2e/service.ts";

/** What a job of these tests does: numbered lines, and files whose hashes it prints itself. */
export interface Work {
  /** On stdout, from `line 1` on. */
  lines: number;
  /** Seconds after each of its lines. */
  pause?: number;
  /** Bytes of each of its outputs. */
  outputs?: number[];
  /** Bytes of its input; the job fails if another one arrives. */
  input?: number;
  /** Shell commands before the first line. */
  first?: string;
  /** 1 unless told. */
  retries?: number;
}

export async function submit(client: Client, work: Work): Promise<string> {
  const input = work.input === undefined ? undefined : crypto.getRandomValues(new Uint8Array(work.input));
  const { id } = await client.call("job_submit", {
    body: {
      name: "chaos",
      target: "default",
      output_rules: work.outputs ? ["=/work/out/*"] : [],
      inputs: input ? ["input"] : [],
      retries_on_lost_worker: work.retries ?? 1,
      tasks: [{ name: "work", script: scriptOf(work, input), env: {}, env_clear: false }],
    },
  });
  if (input) await sendInput(client, id, input);
  return id;
}

function scriptOf({ lines, pause, outputs = [], first = "" }: Work, input: Uint8Array | undefined): string {
  const count =
    pause === undefined ? `seq -f 'line %.0f' 1 ${lines}` : `for i in $(seq 1 ${lines}); do echo "line $i"; sleep ${pause}; done`;
  const files = outputs.map((size, i) => `head -c ${size} /dev/urandom >/work/out/${i}`);
  const check = input ? `echo '${sha256(input)}  /input/input' | sha256sum --check --quiet` : "";
  return [
    "set -e",
    check,
    first,
    count,
    "mkdir /work/out",
    ...files,
    '[ -z "$(ls /work/out)" ] || sha256sum /work/out/* >&2',
  ].join("\n");
}

const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

async function sendInput(client: Client, job: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { id } = await client.call("job_upload_chunk", { path: { job }, query: {}, body: bytes });
  const commit_id = client.options.world.id();
  const body = { name: "input", size: bytes.length, chunks: [id], commit_id };
  await client.poll("job_add_input", { path: { job }, query: {}, body }, { wait: 30 });
}

export async function eventsOf(client: Client, job: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for (;;) {
    const page = await client.call("job_events_get", { path: { job }, query: { minseq: events.length + 1 } });
    if (page.length === 0) return events;
    events.push(...page);
  }
}

/** Waits for an event; each is looked at once. */
async function seen(client: Client, job: string, wanted: (event: JobEvent) => boolean): Promise<void> {
  let next = 1;
  await eventually(async () => {
    const page = await client.call("job_events_get", { path: { job }, query: { minseq: next } });
    next += page.length;
    return page.some(wanted);
  });
}

/** Waits until the job has printed that line, in whichever attempt. */
export const printed = (client: Client, job: string, line: number) =>
  seen(client, job, ({ stream, payload }) => stream === "stdout" && payload === `line ${line}`);

export const said = (client: Client, job: string, text: string) => seen(client, job, ({ payload }) => payload.includes(text));

/** The job once it has ended and its log is sealed. */
export async function ended(client: Client, job: string): Promise<Job> {
  const get = () => client.call("job_get", { path: { job } });
  await eventually(async () => (await get()).log != null);
  return await get();
}

/** Waits for the end, and holds the job to what it was submitted as. @param attempts that it may have needed */
export async function expectWhole(client: Client, id: string, work: Work, attempts = 1): Promise<void> {
  const job = await ended(client, id);
  const events = await eventsOf(client, id);
  const told = events.filter(({ stream }) => !stream.startsWith("std")).map(({ payload }) => payload);
  expect({ state: job.state, told }).toMatchObject({ state: "completed" });
  expect({ attempts: job.attempts?.length, told }).toMatchObject({ attempts });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const tries = attemptsIn(events);
  expect(tries).toHaveLength(attempts);
  for (const [i, lines] of tries.entries()) {
    expect(lines).toEqual(lines.map((_, at) => `line ${at + 1}`));
    if (i === attempts - 1) expect(lines).toHaveLength(work.lines);
  }
  const made = events.filter(({ stream }) => stream === "stderr").slice(-(work.outputs?.length ?? 0) || events.length);
  const kept = await client.call("job_outputs_get", { path: { job: id } });
  expect(kept.map(({ path, sha256: hash }) => `${hash}  ${path}`).sort()).toEqual(made.map(({ payload }) => payload).sort());
  expect(kept.map(({ size }) => size).sort()).toEqual([...(work.outputs ?? [])].sort());
}

/** The numbered lines of each attempt: what the core says when it begins another one lies between them. */
function attemptsIn(events: readonly JobEvent[]): string[][] {
  const tries: string[][] = [[]];
  for (const { stream, payload } of events) {
    if (stream === "control" && payload.includes("trying again (attempt")) tries.push([]);
    if (stream === "stdout") tries.at(-1)?.push(payload);
  }
  return tries;
}
