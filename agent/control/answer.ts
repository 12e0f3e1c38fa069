import { isAbsolute } from "node:path";
import type { Agent, Job } from "../agent.ts";
import type { Command } from "../exec.ts";
import type { Peer } from "../libc.ts";
import type { Bytes, ProcessStart, Reply, Request } from "./protocol.ts";

/**
 * Does what the control program asks for. Failures that may pass are tried again here for as long as it is there to hear
 * the answer, so an error is always final.
 *
 * @throws Error whose message is for the caller
 */
export async function answer(agent: Agent, request: Request, peer: Peer, gone: AbortSignal): Promise<Reply> {
  if (request === "MetadataAddresses") return { MetadataAddresses: agent.metadata.addresses };
  if (request === "FactoryInfo") return factoryInfo(agent);
  if (typeof request !== "object" || request === null) throw new Error("this agent does not know that request");
  if ("StoreGet" in request) return await storeGet(agent, jobOf(agent), request.StoreGet, gone);
  if ("StorePut" in request) return await storePut(agent, jobOf(agent), request.StorePut, gone);
  if ("ProcessStart" in request) return processStart(agent, jobOf(agent), request.ProcessStart, peer);
  throw new Error("this agent does not know that request");
}

function jobOf({ job }: Agent): Job {
  if (!job) throw new Error("this machine has no job yet");
  return job;
}

function factoryInfo({ pings }: Agent): Reply {
  const info = pings.latest?.factory_info;
  if (!info) throw new Error("the factory of this machine is not known yet");
  return { FactoryInfo: { ...info, private: info.private ?? null } };
}

async function storeGet({ client, mask }: Agent, job: Job, name: string, signal: AbortSignal): Promise<Reply> {
  // An empty name would ask for something else.
  if (!name) throw new Error("a name in the store cannot be empty");
  const { value } = await client.call("worker_job_store_get", { path: { job: job.id, name } }, { signal });
  if (value?.secret) mask.add(value.value);
  return { StoreGet: value ? { name, ...value } : null };
}

async function storePut(
  { client, mask }: Agent,
  job: Job,
  [name, value, secret]: [string, string, boolean],
  signal: AbortSignal,
): Promise<Reply> {
  if (!name) throw new Error("a name in the store cannot be empty");
  if (secret) mask.add(value);
  await client.call("worker_job_store_put", { path: { job: job.id, name }, body: { value, secret } }, { signal });
  return "Ack";
}

function processStart(agent: Agent, { running }: Job, request: ProcessStart, peer: Peer): Reply {
  if (!running) throw new Error("no task is running: a process can be started only by a task");
  const env = environmentOf(request.env);
  if (!isAbsolute(request.pwd)) throw new Error(`${request.pwd} is no absolute path`);
  const program = Bun.which(request.cmd, { PATH: env["PATH"] || "/usr/bin:/bin", cwd: request.pwd });
  if (!program) throw new Error(`${request.cmd}: no such program`);
  running.background.start(request.name, {
    ...userOf(agent, request, peer),
    argv: [program, ...request.args],
    env,
    cwd: request.pwd,
  });
  return "Ack";
}

/** With a single id the kernel sees one user only, and who the caller plays is told by the caller alone. */
const userOf = ({ limits }: Agent, request: ProcessStart, peer: Peer): Pick<Command, "uid" | "gid"> =>
  limits.singleId ? { uid: request.uid, gid: request.gid } : { uid: peer.uid, gid: peer.gid };

const environmentOf = (env: [Bytes, Bytes][]): Record<string, string> =>
  Object.fromEntries(env.map(([name, value]) => [textOf(name), textOf(value)]));

const textOf = ({ Unix }: Bytes): string => Buffer.from(Unix).toString("utf8");
