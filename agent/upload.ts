import { CallFailed } from "../core/client/failure.ts";
import { CHUNK, FileChanged, uploadFile } from "../core/client/transfer.ts";
import { codeOf, reasonOf } from "../core/common/errors.ts";
import { type Agent, type Job, NOTICES } from "./agent.ts";
import { inLanes } from "./lanes.ts";
import { OutputRules, type Wanted } from "./outputs.ts";

/** Small files go side by side; large ones one after another, several pieces at a time: that bounds memory. */
const FILES_AT_ONCE = 8;
const CHUNKS_AT_ONCE = 4;
const SMALL = 1024 * 1024;
/** Seconds that the core may take before it says that a file is still being looked at. */
const COMMIT_WAIT = 30;

/** Sends what the rules ask for. @returns what is wrong first of all, unless all of it was there and has arrived */
export async function uploadOutputs(agent: Agent, job: Job): Promise<string | undefined> {
  if (job.spec.output_rules.length === 0) return undefined;
  const rules = new OutputRules(job.spec.output_rules, agent.world.disk);
  const say = (lines: string[]) => job.log.write(NOTICES, lines);
  const quota = await agent.client.call("worker_job_quota", { path: { job: job.id } }, { signal: job.halt.signal });
  const { files, errors, warnings } = await rules.find(quota.max_outputs ?? Number.POSITIVE_INFINITY);
  const problems = [...rules.errors, ...errors];
  say([...problems, ...warnings, `found ${files.length} output file${files.length === 1 ? "" : "s"}`]);
  const send = async (file: Wanted) => {
    const problem = await attempt(agent, job, file, quota.max_bytes_per_output);
    if (problem === undefined) rules.satisfy(file.path);
    else say([`${file.path}: ${problem.reason}`]);
    if (problem?.fatal) problems.push(`${file.path}: ${problem.reason}`);
  };
  await inLanes(files.filter(isSmall), FILES_AT_ONCE, send);
  for (const file of files) if (!isSmall(file)) await send(file);
  const missing = rules.unsatisfied.map((rule) => `the output rule ${rule} had to match something, but nothing came of it`);
  say(missing);
  const [first, ...more] = [...problems, ...missing];
  return first === undefined || more.length === 0 ? first : `${first} (and ${more.length} more, see the log)`;
}

const isSmall = ({ size }: Wanted) => size <= SMALL;

class TooLarge extends Error {}

interface Problem {
  reason: string;
  /** The job fails by it. */
  fatal: boolean;
}

async function attempt(agent: Agent, job: Job, file: Wanted, most: number): Promise<Problem | undefined> {
  try {
    return await upload(agent, job, file, most);
  } catch (error) {
    if (job.halt.signal.aborted || (error instanceof CallFailed && error.status !== 400)) throw error;
    if (error instanceof TooLarge) return { reason: error.message, fatal: true };
    if (error instanceof FileChanged) return { reason: "changed while it was being read, so it is not kept", fatal: true };
    if (codeOf(error) === "ENOENT") return { reason: "vanished before it could be read", fatal: !file.mayChange };
    return { reason: `cannot be uploaded: ${reasonOf(error)}`, fatal: true };
  }
}

async function upload(
  { world, client }: Agent,
  job: Job,
  { path, size, mayChange }: Wanted,
  most: number,
): Promise<Problem | undefined> {
  const { signal } = job.halt;
  const at = { job: job.id };
  const started = world.now();
  // Looked at again with each piece: a file may grow, and some have no end.
  const checkSize = (bytes: number) => {
    if (bytes > most) throw new TooLarge(`${bytes} bytes are more than the ${most} that a job's output may have`);
  };
  checkSize(size);
  const commit_id = world.id();
  const sent = await uploadFile({
    world,
    file: path,
    mayChange,
    chunkSize: CHUNK,
    parallel: CHUNKS_AT_ONCE,
    signal,
    putChunk: async (offset, body, stop) => {
      checkSize(offset + body.length);
      const query = { commit_id, offset };
      await client.call("worker_job_upload_chunk", { path: at, query, body }, { signal: stop });
    },
  });
  const error = await commit(client, job, { path, chunks: [], commit_id, ...sent });
  if (error) return { reason: error, fatal: true };
  const grown = sent.size === size ? "" : `, ${size} when it was found`;
  job.log.write(NOTICES, [`uploaded ${path} (${sent.size} bytes${grown}, ${world.now() - started} ms)`]);
  return undefined;
}

/** Has the core put the file in its place. @returns what it has against it */
async function commit(
  client: Agent["client"],
  job: Job,
  body: { path: string; chunks: string[]; commit_id: string; size: number; sha256: string },
): Promise<string | undefined> {
  for (;;) {
    const { answer } = await client.poll(
      "worker_job_add_output",
      { path: { job: job.id }, query: {}, body },
      { wait: COMMIT_WAIT, signal: job.halt.signal },
    );
    if (answer.complete) return answer.error ?? undefined;
  }
}
