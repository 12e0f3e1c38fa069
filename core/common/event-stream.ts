import type { World } from "./world.ts";

/** Silence after which a comment keeps the connection alive, ms. Bun cuts connections that are idle for 10 s. */
const KEEP_ALIVE = 5_000;
/** A client that has not taken one part of the stream after so long is dropped, ms: its connection would stay for ever. */
const PATIENCE = 60_000;
const NOTHING = new TextEncoder().encode(": nothing happens\n");

/** One server-sent event as text. No part may hold a line break: it would be read as another field. */
export function sseRecord(event: string, id: string, data: string): string {
  return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
}

interface EventStream {
  world: World;
  request: Request;
  /** Ends the stream from our side. */
  shutdown: AbortSignal;
  /** Gives the encoded events, and returns when `signal` fires: the client is gone or the server stops. */
  records: (signal: AbortSignal) => AsyncGenerator<Uint8Array, void>;
}

/**
 * A stream of server-sent events. The next records are asked for only when the client has taken the last ones, so a slow
 * client costs no memory; one that has ceased to read is cut off.
 */
export function eventStream({ world, request, shutdown, records }: EventStream): Response {
  const ending = new AbortController();
  const end = () => ending.abort();
  const sources = [request.signal, shutdown];
  for (const source of sources) source.addEventListener("abort", end, { once: true });
  // It listens here, not in AbortSignal.any, so that nothing of a closed stream hangs on to the signal of the whole server.
  ending.signal.addEventListener("abort", () => {
    for (const source of sources) source.removeEventListener("abort", end);
  });
  if (sources.some(({ aborted }) => aborted)) end();

  const iterator = records(ending.signal);
  let next: Promise<IteratorResult<Uint8Array, void>> | undefined;
  /** Since when something waits to be taken. */
  let offered: number | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const look = () => {
        const waited = offered === undefined ? 0 : world.now() - offered;
        if (waited < PATIENCE) cancel = world.after(PATIENCE - waited, look);
        else {
          end();
          // Bun would print an error that is given here.
          controller.error();
        }
      };
      let cancel = world.after(PATIENCE, look);
      ending.signal.addEventListener("abort", () => cancel());
    },
    async pull(controller) {
      offered = undefined;
      next ??= iterator.next();
      try {
        const result = await orSilence(world, next);
        offered = world.now();
        if (result === undefined) return controller.enqueue(NOTHING);
        next = undefined;
        if (!result.done) return controller.enqueue(result.value);
      } catch (error) {
        end();
        throw error;
      }
      end();
      controller.close();
    },
    cancel: end,
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "x-accel-buffering": "no", "cache-control": "no-store" },
  });
}

/** What is waited for, or undefined when it takes longer than a connection may be silent. */
async function orSilence<T>(world: World, waited: Promise<T>): Promise<T | undefined> {
  const { promise: silence, resolve } = Promise.withResolvers<undefined>();
  const cancel = world.after(KEEP_ALIVE, () => resolve(undefined));
  try {
    return await Promise.race([waited, silence]);
  } finally {
    cancel();
  }
}
