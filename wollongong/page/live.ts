import { CallFailed } from "../../core/client/failure.ts";
import { follow } from "../../core/client/follow.ts";
import { eventStream, sseRecord } from "../../core/common/event-stream.ts";
import { runById } from "../check/runs.ts";
import type { Wollongong } from "../wollongong.ts";
import type { Loaded } from "./load.ts";
import { rowHtml } from "./log-row.ts";

const encoder = new TextEncoder();
/** No part of a record may hold a line break, and an HTML row of ours has one at its end: JSON has none. */
const record = (event: string, id: string, data: unknown) => encoder.encode(sseRecord(event, id, JSON.stringify(data)));
/** Without an id: a browser that comes again asks for what follows the last line. */
const END = encoder.encode("event: end\ndata: -\n\n");

/**
 * What happens to a run, for its page: `row` for each line of the log, from `?minseq=` or after `Last-Event-ID` on; `facts` when
 * something else has changed; `end` after the last line of a run that is over. Of a run that is not submitted yet, `end` comes
 * when it is, for the page to load itself again.
 */
export function liveStream(wo: Wollongong, request: Request, { run, suite }: Loaded, minseq: number): Response {
  const last = /^seq-(\d+)$/.exec(request.headers.get("last-event-id") ?? "")?.[1];
  const from = last === undefined ? Math.max(1, minseq) : Number(last) + 1;
  const records = (signal: AbortSignal) =>
    run.job === null
      ? untilSubmitted(wo, run.id, signal)
      : lines(wo, { id: run.id, job: run.job, repo: suite.repo, from }, signal);
  return eventStream({ world: wo.world, request, shutdown: wo.shutdown, records });
}

async function* untilSubmitted(wo: Wollongong, id: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  while (!signal.aborted) {
    const rung = wo.bells.version(`run ${id}`);
    const run = runById(wo, id);
    if (run === null || run.job !== null || run.state === "over") return yield END;
    await wo.bells.wait(`run ${id}`, rung, signal);
  }
}

interface Wanted {
  id: string;
  job: string;
  repo: number;
  from: number;
}

async function* lines(wo: Wollongong, { id, job, repo, from }: Wanted, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  let task: number | null | undefined;
  let last = from - 1;
  try {
    // From the line before on: a change of task is shown by what comes after it.
    for await (const news of follow(wo.coreOf(repo), job, { from: from - 1, signal })) {
      if ("state" in news) {
        // A browser asks for what follows the newest id, whatever it belongs to.
        yield record("facts", `seq-${last}`, news.state);
        continue;
      }
      for (const event of news.events) {
        if (event.seq >= from) yield record("row", `seq-${event.seq}`, rowHtml(event, task));
        task = event.task ?? null;
        last = event.seq;
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    // The core has no more to tell; asking again would not help.
    if (error instanceof CallFailed && !error.passing) return yield END;
    throw error;
  }
  await over(wo, id, signal);
  if (!signal.aborted) yield END;
}

/** The run is over a moment after its job, when its artefacts are known. */
async function over(wo: Wollongong, id: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const rung = wo.bells.version(`run ${id}`);
    if (runById(wo, id)?.state === "over") return;
    await wo.bells.wait(`run ${id}`, rung, signal);
  }
}
