import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Client } from "../core/client/client.ts";
import { uploadFile } from "../core/client/transfer.ts";
import { UsageError } from "../core/common/command/failure.ts";
import { codeOf, reasonOf } from "../core/common/errors.ts";
import { bytes } from "../core/common/table.ts";
import type { Context } from "./context.ts";
import { ProgressBars } from "./progress.ts";

/** A file that a job finds as `/input/NAME`. */
export interface Input {
  name: string;
  file: string;
}

/** Files sent at once; each has several pieces in flight. */
const AT_ONCE = 3;
/** For one piece over a slow line, ms. */
const CHUNK_DEADLINE = 10 * 60_000;
/** How long an upload outlives failures that may pass, ms. */
const PATIENCE = 2 * 60_000;

/** `NAME=FILE`, or a file that goes by its own name; what exists as it is written is a file, also with a `=` in it. */
export async function parseInput(text: string): Promise<Input> {
  const equals = text.indexOf("=");
  if (equals <= 0 || (await isFile(text))) return { name: basename(text), file: text };
  return { name: text.slice(0, equals), file: text.slice(equals + 1) };
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** Looks that every input can be sent, before a job is made that would wait for it. @throws UsageError */
export async function checkInputs(client: Client, inputs: readonly Input[]): Promise<void> {
  if (inputs.length === 0) return;
  const { max_bytes_per_input: most } = await client.call("quota", {});
  for (const { name, file } of inputs) {
    if (name === "" || name.includes("/"))
      throw new UsageError(`"${name}" cannot be the name of an input: it must be a name without a slash`);
    const found = await stat(file).catch((error: unknown) => {
      throw new UsageError(codeOf(error) === "ENOENT" ? `there is no file ${file}` : `cannot read ${file}: ${reasonOf(error)}`);
    });
    if (!found.isFile()) throw new UsageError(`${file} is not a file`);
    if (found.size > most)
      throw new UsageError(`${file} has ${bytes(found.size)}; the core takes inputs of up to ${bytes(most)}`);
  }
}

/** Sends the inputs of a job that waits for them. */
export async function uploadInputs(
  { world, out, signal }: Context,
  client: Client,
  job: string,
  inputs: readonly Input[],
): Promise<void> {
  const bars = new ProgressBars(world, out);
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const waiting = inputs.map((input) => ({ input, onProgress: bars.add(input.name) }));
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const commit_id = world.id();
      const call = { signal: stop, patience: PATIENCE, deadline: CHUNK_DEADLINE };
      const { size, sha256 } = await uploadFile({
        ...next,
        world,
        file: next.input.file,
        signal: stop,
        putChunk: (offset, body) => client.call("job_upload_chunk", { path: { job }, query: { commit_id, offset }, body }, call),
      });
      await commit(client, job, { name: next.input.name, size, sha256, chunks: [], commit_id }, stop);
    }
  };
  try {
    const lanes = Array.from({ length: Math.min(AT_ONCE, waiting.length) }, lane);
    await Promise.all(lanes).catch(async (error: unknown) => {
      failed.abort(error);
      await Promise.allSettled(lanes);
      throw error;
    });
  } finally {
    bars.clear();
  }
}

type Commit = Parameters<typeof Client.prototype.call<"job_add_input">>[1]["body"];

async function commit(client: Client, job: string, body: Commit, signal: AbortSignal): Promise<void> {
  let seen: string | undefined;
  for (;;) {
    const { answer, version } = await client.poll(
      "job_add_input",
      { path: { job }, query: {}, body },
      { wait: 20, seen, signal, patience: PATIENCE },
    );
    if (answer.error) throw new Error(`the core could not take the input ${body.name}: ${answer.error}`);
    if (answer.complete) return;
    seen = version;
    // A core that knows no long polls answers at once.
    if (version === undefined) await client.options.world.sleep(1000, signal);
  }
}
