import { aFactory, aJob, aWorker, type TestServer } from "../../core/fixture.ts";

/** A user, a factory and a worker, with something of everything that one can have. */
export interface Party {
  tokens: { user: string; factory: string; worker: string };
  /** Whatever has an id, by what it is. */
  ids: Record<string, string>;
}

/**
 * @param word stands in everything that the party makes: where others see it, they see what is not theirs
 */
export async function makeParty(server: TestServer, word: string): Promise<Party> {
  const { id: user, token, client } = await server.user(`user-${word}`);
  const factory = await aFactory(server, `factory-${word}`);
  const texts = { name: `job-${word}`, tags: { tag: word }, tasks: [task(word), task(word)], output_rules: [`/work/${word}/*`] };
  const { id: job } = await client.call("job_submit", { body: aJob({ ...texts, inputs: ["in"] }) });
  const { id: waiting } = await client.call("job_submit", { body: aJob({ ...texts, inputs: [word, "in"] }) });
  const bytes = new TextEncoder().encode(`holds ${word}`);
  const commit = () => ({ size: bytes.length, commit_id: server.core.world.id() });
  const { id: inputChunk } = await client.call("job_upload_chunk", { path: { job }, body: bytes });
  const given = { ...commit(), chunks: [inputChunk], name: "in" };
  await client.poll("job_add_input", { path: { job }, body: given }, { wait: 10 });
  await client.call("job_store_put", { path: { job, name: "open" }, body: { secret: false, value: word } });
  await client.call("job_store_put", { path: { job, name: "hidden" }, body: { secret: true, value: word } });
  const worker = await aWorker(server, factory, job);
  await worker.client.call("worker_job_append", {
    path: { job },
    body: [{ payload: `says ${word}`, stream: "stdout", time: new Date().toISOString(), task: 0 }],
  });
  const { id: outputChunk } = await worker.client.call("worker_job_upload_chunk", { path: { job }, body: bytes });
  const made = { ...commit(), chunks: [outputChunk], path: `/work/${word}/a` };
  await worker.client.poll("worker_job_add_output", { path: { job }, body: made }, { wait: 10 });
  const [stored] = await client.call("job_outputs_get", { path: { job } });
  const idle = await factory.client.call("factory_worker_create", { body: { target: factory.target } });
  const input = (await worker.client.call("worker_ping", {})).job?.inputs[0]?.id ?? "";
  const things = { user, factory: factory.id, job, waiting, worker: worker.id, idle: idle.id, input, output: stored?.id ?? "" };
  return {
    tokens: { user: token, factory: factory.client.options.token ?? "", worker: worker.token },
    ids: {
      ...things,
      target: factory.target,
      inputChunk,
      inputCommit: given.commit_id,
      outputChunk,
      outputCommit: made.commit_id,
    },
  };
}

const task = (word: string) => ({ name: `task-${word}`, script: `echo ${word}`, env: { WORD: word }, env_clear: false });
