import type { Bells } from "../common/bells.ts";
import { eventStream, sseRecord } from "../common/event-stream.ts";
import { Refused } from "../common/refused.ts";
import type { World } from "../common/world.ts";
import { type Logs, logTopic } from "./logs.ts";
import type { Records } from "./records.ts";

/** How that stands which the log is about. */
export interface WatchedState {
  /** As its followers are told. */
  state: string;
  /** The log gets no more events. */
  ended: boolean;
}

interface Watch {
  world: World;
  bells: Bells;
  logs: Logs;
  shutdown: AbortSignal;
  request: Request;
  /** Of the log. */
  id: string;
  /** Sequence number to begin with, unless the request has a `Last-Event-ID`; absent: what is written from now on. */
  from: number | undefined;
  stateOf: () => WatchedState;
  /** Whether the reader may be told more; the stream ends where not. */
  allowed: () => boolean;
  /** Reads the log from a sequence number on, where that takes more than to read its file. */
  read?: (from: number) => Records | undefined | Promise<Records | undefined>;
  /** Topic of the bell that rings when the state changes. */
  topic: string;
}

/**
 * Streams a log as server-sent events: `state` first and whenever it changes, `job` for each event, `complete` after the
 * last one. Each has the id `seq-N`, N being the last event delivered; a client that sends it back goes on after it.
 *
 * @throws Refused 400 for a `Last-Event-ID` that is none of ours
 */
export function watchResponse(watch: Watch): Response {
  const { world, request, shutdown } = watch;
  const next = lastSeen(request) ?? Math.max(1, watch.from ?? watch.logs.last(watch.id) + 1);
  return eventStream({ world, request, shutdown, records: (signal) => follow(watch, next, signal) });
}

async function* follow(
  { bells, logs, id, stateOf, allowed, topic, read = (from) => logs.records(id, from) }: Watch,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const topics = [topic, logTopic(id)];
  const encoder = new TextEncoder();
  let next = from;
  let told: string | undefined;
  const isOver = () => signal.aborted || !allowed();
  while (!isOver()) {
    // Looked at before the log is read: what is rung meanwhile, and an end that comes meanwhile, are seen the next time round.
    const heard = bells.version(...topics);
    const { state, ended } = stateOf();
    if (state !== told) yield encoder.encode(sseRecord("state", `seq-${next - 1}`, state));
    told = state;
    for (let page = await read(next); page && !isOver(); page = await read(next)) {
      next = page.next;
      yield page.bytes;
    }
    if (ended && !isOver()) {
      yield encoder.encode(sseRecord("complete", `seq-${next - 1}`, "-"));
      return;
    }
    await bells.wait(topics, heard, signal);
  }
}

/** The sequence number after the one that the client has seen last. */
function lastSeen(request: Request): number | undefined {
  const header = request.headers.get("last-event-id");
  if (header === null) return undefined;
  const seq = /^seq-(\d{1,15})$/.exec(header)?.[1];
  if (seq === undefined) throw new Refused(400, `Last-Event-ID: expected seq-N, not ${JSON.stringify(header.slice(0, 40))}`);
  return Number(seq) + 1;
}
