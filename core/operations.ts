import { type AnyElysia, Elysia } from "elysia";
import type { Core } from "./core.ts";

/** For those who run the server: whether it lives, what it does, what its API is. */
export const operationsRoutes = (core: Core): AnyElysia => {
  const began = new WeakMap<Request, number>();
  return new Elysia({ name: "operations" })
    .onRequest(({ request }) => {
      began.set(request, performance.now());
    })
    .onAfterResponse({ as: "global" }, ({ request, route, set }) => {
      const start = began.get(request);
      if (start === undefined) return;
      const labels = { method: request.method, route: route || "none", status: String(Number(set.status) || 200) };
      core.metrics.observe("request_seconds", labels, (performance.now() - start) / 1000);
    })
    .get("/healthz", () => {
      core.db.query("SELECT 1").get();
      return { ok: true };
    })
    .get("/metrics", () => new Response(core.metrics.render(core), { headers: { "content-type": "text/plain; version=0.0.4" } }));
};
