import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job, JobEvent, JobOutput, JobStoreValueInfo } from "../core/client/operations.ts";

export const JOB = "01M829WETWGDCFNNP3VMTAYFY8";
export const SECRET = "the-token-of-the-user";

export const sha256 = (data: string | Uint8Array) => new Bun.CryptoHasher("sha256").update(data).digest("hex");

export const event = (seq: number, payload: string, stream = "stdout"): JobEvent => ({
  payload,
  seq,
  stream,
  time: "2026-01-02T03:04:05.678Z",
});

export const aJob = (more: Partial<Job> = {}): Job => ({
  cancelled: false,
  id: JOB,
  name: "build",
  output_rules: [],
  owner: "01M829WETWGDCFNNP3VMTAYFY0",
  state: "completed",
  tags: {},
  target: "default",
  target_real: "default",
  tasks: [],
  times: {},
  ...more,
});

/** What the stand-in knows, and what it was told. */
export interface Story {
  job: Job;
  events: JobEvent[];
  outputs: (JobOutput & { data: Uint8Array })[];
  store: Record<string, JobStoreValueInfo>;
  submitted: unknown[];
  /** Inputs that were committed, by name. */
  inputs: Map<string, Uint8Array>;
  requests: string[];
  /** Comes before everything else; what it answers is the answer. */
  before(request: Request, path: string): Promise<Response | undefined> | Response | undefined;
}

const refuse = (status: number, message: string) => Response.json({ request_id: "r", message }, { status });

/** Stands in for the core over real HTTP: one user, one job. */
export function aCore(more: Partial<Story> = {}) {
  const story: Story = {
    job: aJob(),
    events: [],
    outputs: [],
    store: {},
    submitted: [],
    inputs: new Map(),
    requests: [],
    before: () => undefined,
    ...more,
  };
  const uploads = new Map<string, Uint8Array>();
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const url = new URL(request.url);
      const path = url.pathname.replace(JOB, "JOB");
      story.requests.push(`${request.method} ${path}`);
      const special = await story.before(request, path);
      if (special) return special;
      if (request.headers.get("authorization") !== `Bearer ${SECRET}`) return refuse(401, "who are you?");
      return await answer(story, uploads, request, path, url.searchParams);
    },
  });
  return {
    story,
    url: server.url.href.replace(/\/$/, ""),
    env: { INPUT_URL: server.url.href, INPUT_SECRET: SECRET },
    [Symbol.dispose]: () => void server.stop(true),
  };
}

async function answer(
  story: Story,
  uploads: Map<string, Uint8Array>,
  request: Request,
  path: string,
  query: URLSearchParams,
): Promise<Response> {
  const at = `${request.method} ${path}`;
  if (at === "GET /0/whoami") return Response.json({ id: story.job.owner, name: "alice" });
  if (at === "GET /0/quota") return Response.json({ max_bytes_per_input: 64 * 1024 * 1024 });
  if (at === "POST /0/jobs") return submit(story, request);
  if (at === "GET /1/jobs")
    return Response.json(query.has("page_token") ? { items: [] } : { items: [listed(story.job)], next_page: "x" });
  if (!path.includes("/JOB")) return refuse(404, `there is no job ${path.split("/")[3]}`);
  if (at === "GET /0/job/JOB") return Response.json(story.job);
  if (at === "GET /0/jobs/JOB/watch") return watch(story, Number(query.get("minseq") ?? 1));
  if (at === "GET /0/jobs/JOB/events") return Response.json(page(story, Number(query.get("minseq") ?? 1)));
  if (at === "GET /0/jobs/JOB/outputs") return Response.json(story.outputs.map(({ data: _, ...output }) => output));
  if (at.startsWith("GET /0/jobs/JOB/outputs/")) return download(story, path, request);
  if (at === "GET /0/jobs/JOB/store") return Response.json(story.store);
  if (at === "POST /0/jobs/JOB/cancel") return new Response(null, { status: 204 });
  if (at === "POST /0/jobs/JOB/chunk") return await storeChunk(uploads, request, query);
  if (at === "POST /1/jobs/JOB/input") return commit(story, uploads, (await request.json()) as never);
  if (at.startsWith("PUT /0/jobs/JOB/store/")) return await putValue(story, path, request);
  return refuse(404, `nothing at ${at}`);
}

async function submit(story: Story, request: Request): Promise<Response> {
  story.submitted.push(await request.json());
  return Response.json({ id: JOB }, { status: 201 });
}

const listed = ({ cancelled, id, name, owner, state, target }: Job) => ({
  cancelled,
  id,
  name,
  owner,
  state,
  target,
  target_id: id,
});

const page = ({ events }: Story, from: number) => events.filter(({ seq }) => seq >= from).slice(0, 3);

function watch({ job, events }: Story, from: number): Response {
  const record = (name: string, data: string) => `event: ${name}\nid: seq-1\ndata: ${data}\n\n`;
  const body = [
    record("state", "running"),
    ...events.filter(({ seq }) => seq >= from).map((event) => record("job", JSON.stringify(event))),
    record("state", job.state),
    record("complete", "-"),
  ];
  return new Response(body.join(""), { headers: { "content-type": "text/event-stream" } });
}

function download({ outputs }: Story, path: string, request: Request): Response {
  const output = outputs.find(({ id }) => path.endsWith(id));
  if (!output) return refuse(404, "there is no such output");
  const from = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
  const range = { "content-range": `bytes ${from}-${output.data.length - 1}/${output.data.length}` };
  return new Response(output.data.slice(from), from > 0 ? { status: 206, headers: range } : {});
}

async function storeChunk(uploads: Map<string, Uint8Array>, request: Request, query: URLSearchParams): Promise<Response> {
  const [commit, offset, bytes] = [query.get("commit_id") ?? "", Number(query.get("offset")), await request.bytes()];
  const before = uploads.get(commit) ?? new Uint8Array();
  const after = new Uint8Array(Math.max(before.length, offset + bytes.length));
  after.set(before);
  after.set(bytes, offset);
  uploads.set(commit, after);
  return Response.json({ id: commit }, { status: 201 });
}

function commit(
  story: Story,
  uploads: Map<string, Uint8Array>,
  body: { name: string; size: number; sha256: string; commit_id: string },
) {
  const data = uploads.get(body.commit_id) ?? new Uint8Array();
  if (data.length !== body.size || sha256(data) !== body.sha256)
    return Response.json({ complete: true, error: "the hash is wrong" });
  story.inputs.set(body.name, data);
  return Response.json({ complete: true, error: null });
}

async function putValue({ store }: Story, path: string, request: Request): Promise<Response> {
  const { value, secret } = (await request.json()) as { value: string; secret: boolean };
  store[path.split("/").at(-1) ?? ""] = {
    secret,
    source: "user",
    time_update: "2026-01-02T03:04:05Z",
    value: secret ? null : value,
  };
  return new Response(null, { status: 204 });
}

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
}

const commandLine = (args: readonly string[]) => [process.execPath, join(import.meta.dir, "main.ts"), ...args];

/** Nothing of the one who runs the tests. */
const only = (env: Record<string, string>) => ({ PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env });

/** Starts the real program. */
export function start(args: readonly string[], { env = {}, cwd, stdin }: RunOptions = {}) {
  return Bun.spawn(commandLine(args), {
    env: only(env),
    stdin: stdin === undefined ? "ignore" : Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Runs the real program to its end. */
export async function buildomat(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options);
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, stdout, stderr };
}

/** Starts the real program on a terminal of 60 columns and 10 rows. */
export function startOnTerminal(args: readonly string[], env: Record<string, string>) {
  let seen = "";
  let changed = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  const child = Bun.spawn(commandLine(args), {
    env: only({ TERM: "xterm", ...env }),
    terminal: {
      cols: 60,
      rows: 10,
      data(_, bytes) {
        seen += decoder.decode(bytes, { stream: true });
        changed.resolve();
      },
    },
  });
  return {
    child,
    type: (keys: string) => void child.terminal?.write(keys),
    /** All that was written to it, once this holds of it. */
    async until(holds: (seen: string) => boolean): Promise<string> {
      while (!holds(seen)) {
        await changed.promise;
        changed = Promise.withResolvers();
      }
      return seen;
    },
  };
}

/** A folder with these files, gone when disposed of. */
export function aFolder(files: Record<string, string | Uint8Array> = {}) {
  const path = mkdtempSync(join(tmpdir(), "buildomat-cli-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
