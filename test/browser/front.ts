/** A server before another one, as a proxy is, whose connections a test can cut. */
export interface Front {
  port: number;
  /** Ends every answer that is still being sent. */
  cut(): void;
  /** The `Last-Event-ID` of each request that has one, oldest first. */
  readonly resumed: string[];
  [Symbol.dispose](): void;
}

export function aFront(target: string): Front {
  const resumed: string[] = [];
  let cutting = new AbortController();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const last = request.headers.get("last-event-id");
      if (last !== null) resumed.push(last);
      const answer = await fetch(target + pathname + search, { headers: request.headers, redirect: "manual" });
      const headers = new Headers(answer.headers);
      headers.delete("content-encoding");
      headers.delete("content-length");
      const { body, status } = answer;
      return new Response(body && until(body, cutting.signal), { status, headers });
    },
  });
  return {
    port: server.port ?? 0,
    resumed,
    cut() {
      cutting.abort();
      cutting = new AbortController();
    },
    [Symbol.dispose]: () => void server.stop(true),
  };
}

/** The same, but it just ends when the signal fires. */
function until(body: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  const cut = new Promise<{ done: true; value?: undefined }>((resolve) =>
    signal.addEventListener("abort", () => resolve({ done: true }), { once: true }),
  );
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const next = await Promise.race([reader.read(), cut]);
      if (!next.done) return controller.enqueue(next.value);
      controller.close();
      await reader.cancel();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
