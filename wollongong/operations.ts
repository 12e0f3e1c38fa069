import { type AnyElysia, Elysia } from "elysia";
import type { Wollongong } from "./wollongong.ts";

const TEXT = { headers: { "content-type": "text/plain; version=0.0.4" } };

/** For those who run the server: whether it lives, and what it has to do. */
export const operationsRoutes = ({ db }: Wollongong): AnyElysia => {
  const count = (sql: string) => db.query<{ n: number }, []>(`SELECT count(*) AS n ${sql}`).get()?.n ?? 0;
  return new Elysia({ name: "operations" })
    .get("/healthz", () => {
      count("FROM install WHERE id = 0");
      return { ok: true };
    })
    .get("/metrics", () => {
      const gauges = {
        deliveries_open: count("FROM delivery WHERE ack IS NULL AND quarantined = 0"),
        deliveries_quarantined: count("FROM delivery WHERE ack IS NULL AND quarantined = 1"),
        suites_open: count("FROM check_suite WHERE state IN ('created', 'planned', 'running')"),
        jobs_live: count("FROM check_run WHERE state IN ('submitting', 'submitted')"),
      };
      const lines = Object.entries(gauges).map(([name, n]) => `# TYPE wollongong_${name} gauge\nwollongong_${name} ${n}\n`);
      return new Response(lines.join(""), TEXT);
    });
};
