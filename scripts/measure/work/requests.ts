import type { Row } from "../figure.ts";
import { completed, submit } from "../jobs.ts";
import { load, requestOf } from "../load.ts";
import { withMachines } from "../machines.ts";
import type { Measure } from "../measure.ts";
import { cpuOf } from "../process.ts";
import { withService } from "../service.ts";

const row = (name: string, what: string, target: number, how: string): Row => ({
  name,
  what,
  unit: "/s",
  target,
  good: "above",
  how,
});

const JOB = {
  name: "bench",
  target: "default",
  output_rules: ["/work/out/*"],
  tasks: [{ name: "task", script: "echo hello", env: {}, env_clear: false, uid: 0, gid: 0, workdir: "/" }],
};

const how = "keep-alive connections from a process of its own that sends the next request when the answer is there";

const LOADS = [
  { ...row("get-job", "`GET` one job, 16 connections", 14_000, `a job that ran; ${how}`), connections: 16 },
  { ...row("whoami", "whoami, 16 connections", 40_000, how), connections: 16 },
  {
    ...row("submit-1", "job submits, durable, one after another", 2_300, `a job of one task and one rule; ${how}`),
    connections: 1,
  },
  { ...row("submit-16", "job submits, durable, 16 at a time", 4_000, "the same on 16 connections"), connections: 16 },
];

/** What the same takes of a core, which depends little on what else the machine does. */
const cpuRow = ({ name, what }: Row): Row => ({
  name: `${name}-cpu`,
  what: `${what}: server CPU for each`,
  unit: "us",
  target: 0,
  good: "shown",
  how: "user and system time of the server, all threads, divided by the requests",
});

export const requests: Measure = {
  rows: [...LOADS.map(({ connections: _, ...rest }) => rest), ...LOADS.map(cpuRow)],
  async run({ programs, quick }) {
    const time = quick ? 1500 : 5000;
    return await withService({ programs }, async (service) => {
      const job = await submit(service, "echo hello");
      await withMachines(service, 1, () => completed(service, job));
      const get = (path: string) => requestOf("GET", path, service.token);
      const post = requestOf("POST", "/0/jobs", service.token, JOB);
      const port = Number(new URL(service.url).port);
      const request: Record<string, string> = {
        "get-job": get(`/0/job/${job}`),
        whoami: get("/0/whoami"),
        "submit-1": post,
        "submit-16": post,
      };
      await load({ port, request: get("/0/whoami"), connections: 16, time });
      const found: Record<string, number> = {};
      for (const { name, connections } of LOADS) {
        const before = cpuOf(service.pid);
        const result = await load({ port, request: request[name] ?? "", connections, time });
        found[name] = result.requests / result.seconds;
        found[`${name}-cpu`] = ((cpuOf(service.pid) - before) * 1e6) / result.requests;
      }
      return found;
    });
  },
};
