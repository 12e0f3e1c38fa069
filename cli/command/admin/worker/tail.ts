import type { WorkerEvent } from "../../../../core/client/operations.ts";
import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

/** Between two looks, ms: the core tells of a worker's log by pages alone. */
const EVERY = 250;
/** How long a core that cannot be reached is asked again, ms. */
const PATIENCE = 120_000;

const PREFIX: Record<string, string> = { stdout: "", stderr: "", control: "|=| ", worker: "|W| ", console: "|C| " };

export default defineCommand({
  args: ["WORKER"],
  options: {},
  help: "Prints what the machine itself has said, outside of its job, until it is gone. With --json, one event a line.",
  async run(context, [id]) {
    const { json, out, signal, world } = context;
    const path = { worker: checkId(id, "worker") };
    const client = context.admin();
    for (let minseq = 0; !signal.aborted; ) {
      // Asked first: what was said before it was gone is there then.
      const { deleted } = await client.call("worker", { path }, { signal, patience: PATIENCE });
      const events = await client.call("worker_events_get", { path, query: { minseq } }, { signal, patience: PATIENCE });
      const shown = json ? (event: WorkerEvent) => JSON.stringify(event) : textOf;
      await out.lines(events.map(shown));
      minseq = (events.at(-1)?.seq ?? minseq - 1) + 1;
      if (deleted && events.length === 0) return;
      if (events.length === 0) await world.sleep(EVERY, signal);
    }
  },
});

function textOf({ stream, payload }: WorkerEvent): string {
  const prefix = PREFIX[stream] ?? (stream.startsWith("diag.") ? "|D| " : `[${stream}] `);
  return prefix + payload;
}
