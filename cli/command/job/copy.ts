import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { JobOutput } from "../../../core/client/operations.ts";
import { downloadFile, type Transferred } from "../../../core/client/transfer.ts";
import { UsageError } from "../../../core/common/command/failure.ts";
import { reasonOf } from "../../../core/common/errors.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { checkId } from "../../ids.ts";
import { noOutput } from "../../outputs.ts";
import { ProgressBars } from "../../progress.ts";

/** How long one download outlives failures that may pass, ms. */
const PATIENCE = 2 * 60_000;

export default defineCommand({
  args: ["JOB", "SRC", "DST"],
  options: { "full-path": { short: "P", about: "keep the whole path below DST, rather than the last name alone" } },
  help: [
    "SRC is the path of an output, or a pattern with * ? [abc] ** that may match several. DST is a file; or a folder, if it is",
    "one, ends with a slash, or several outputs match; or - for standard output. A file appears under its name, or is printed,",
    "when it is whole and its hash is right.",
  ].join("\n"),
  async run(context, [id, source = "", destination = ""], options) {
    const job = checkId(id, "job");
    const outputs = await context.user().call("job_outputs_get", { path: { job } });
    const found = matching(outputs, source);
    if (destination === "-") return await print(context, job, found);
    const many = found.length > 1 || options["full-path"] || destination.endsWith("/") || (await isFolder(destination));
    const files = found.map((output) => ({
      output,
      to: many ? placeIn(destination, output.path, options["full-path"]) : destination,
    }));
    refuseSameName(files);
    const bars = new ProgressBars(context.world, context.out);
    const copied: object[] = [];
    for (const { output, to } of files) {
      const { size, sha256 } = await fetchOutput(context, job, output, to, bars).catch((error: unknown) => {
        throw isOfDisk(error) ? new UsageError(`cannot write ${to}: ${reasonOf(error)}`, { cause: error }) : error;
      });
      copied.push({ path: output.path, to, size, sha256 });
      bars.clear();
      context.out.note(`${output.path} -> ${to} (${size} bytes, SHA-256 ${sha256})`);
    }
    if (context.json) await context.out.json(copied);
  },
});

/** Its bytes to standard output, once all of them are here and right. */
async function print(context: Context, job: string, [output, ...more]: readonly JobOutput[]): Promise<void> {
  const { json, out, world } = context;
  if (!output || more.length > 0) throw new UsageError("- takes one output, and several match");
  if (json) throw new UsageError("--json and - both want standard output");
  const folder = await mkdtemp(join(tmpdir(), "buildomat-"));
  try {
    const bars = new ProgressBars(world, out);
    const to = join(folder, "output");
    await fetchOutput(context, job, output, to, bars);
    bars.clear();
    const file = Bun.file(to);
    if (out.terminal) return await out.line((await file.text()).replace(/\n$/, ""));
    for await (const piece of file.stream()) await out.raw(piece);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function matching(outputs: readonly JobOutput[], source: string): JobOutput[] {
  const exact = outputs.filter(({ path }) => path === source);
  const glob = new Bun.Glob(source);
  const found = exact.length > 0 ? exact : outputs.filter(({ path }) => glob.match(path));
  if (found.length > 0) return found;
  throw noOutput(outputs, source);
}

/** The names come from the job, which may mean harm: none leads out of the folder. */
function placeIn(folder: string, path: string, whole: boolean): string {
  const to = join(folder, whole ? path : basename(path));
  const root = resolve(folder);
  if (resolve(to).startsWith(root.endsWith(sep) ? root : root + sep)) return to;
  throw new UsageError(`the output ${path} would land outside of ${folder}`);
}

function refuseSameName(files: readonly { output: JobOutput; to: string }[]): void {
  const seen = new Map<string, string>();
  for (const { output, to } of files) {
    const other = seen.get(to);
    if (other !== undefined) throw new UsageError(`${other} and ${output.path} would both become ${to}: use --full-path`);
    seen.set(to, output.path);
  }
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** An error of the file system, rather than of the network. */
const isOfDisk = (error: unknown): boolean => error instanceof Error && "syscall" in error;

async function fetchOutput(
  { user, world, out, signal }: Context,
  job: string,
  output: JobOutput,
  to: string,
  bars: ProgressBars,
): Promise<Transferred> {
  const client = user();
  await mkdir(dirname(to), { recursive: true });
  return await downloadFile({
    world,
    to,
    size: output.size,
    sha256: output.sha256,
    signal,
    patience: PATIENCE,
    onProgress: bars.add(basename(to)),
    onRetry: (error) => out.note(`${error instanceof Error ? error.message : error}; trying again`),
    open: (from, signal) =>
      client.call("job_output_download", { path: { job, output: output.id } }, { from, signal, patience: 0 }),
  });
}
