import { bodyOf } from "../../../core/client/body.ts";
import type { Client } from "../../../core/client/client.ts";
import type { Job } from "../../../core/client/operations.ts";
import { EXIT, Exit } from "../../../core/common/command/failure.ts";
import { eventLine } from "../../../core/common/event-line.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { checkId } from "../../ids.ts";

interface Verdict {
  /** `log`, or the path of an output. */
  what: string;
  /** What the core has recorded; undefined where it has recorded nothing. */
  expected: string | undefined;
  actual: string;
  detail: string;
}

export default defineCommand({
  args: ["JOB"],
  options: {},
  help: [
    "Reads the whole log and every output, and compares their SHA-256 with what the core recorded when they were made.",
    "Ends with status 1 if anything differs, or was never recorded.",
  ].join("\n"),
  async run(context, [id]) {
    const job = checkId(id, "job");
    const client = context.user();
    const found = await client.call("job_get", { path: { job } });
    if (!found.log) throw new Exit(EXIT.jobFailed, `the log of job ${job} is not sealed: the job is ${found.state}`);
    const verdicts = [await verifyLog(context, client, found), ...(await verifyOutputs(context, client, job))];
    const good = verdicts.every((verdict) => verdict.actual === verdict.expected);
    if (context.json)
      await context.out.json(verdicts.map(({ detail: _, ...rest }) => ({ ...rest, ok: rest.actual === rest.expected })));
    else await context.out.lines(verdicts.map(verdictLine));
    return good ? EXIT.ok : EXIT.jobFailed;
  },
});

function verdictLine({ what, expected, actual, detail }: Verdict): string {
  if (expected === actual) return `ok   ${what} (${detail})\n     ${actual}`;
  return `BAD  ${what} (${detail})\n     ${actual} is its SHA-256\n     ${expected ?? "nothing"} was recorded`;
}

async function verifyLog({ signal }: Context, client: Client, { id, log }: Job): Promise<Verdict> {
  const hash = new Bun.CryptoHasher("sha256");
  let count = 0;
  for (;;) {
    const page = await client.call("job_events_get", { path: { job: id }, query: { minseq: count + 1 } }, { signal });
    if (page.length === 0) break;
    hash.update(page.map((event) => `${eventLine(event)}\n`).join(""));
    count = page.at(-1)?.seq ?? count;
  }
  return { what: "log", expected: log?.sha256, actual: hash.digest("hex"), detail: `${count} of ${log?.count} events` };
}

async function verifyOutputs({ signal, world }: Context, client: Client, job: string): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { id, path, size, sha256 } of await client.call("job_outputs_get", { path: { job } }, { signal })) {
    const response = await client.call("job_output_download", { path: { job, output: id } }, { signal });
    const hash = new Bun.CryptoHasher("sha256");
    let read = 0;
    for await (const piece of bodyOf(world, response)) {
      hash.update(piece);
      read += piece.length;
    }
    verdicts.push({ what: path, expected: sha256, actual: hash.digest("hex"), detail: `${read} of ${size} bytes` });
  }
  return verdicts;
}
