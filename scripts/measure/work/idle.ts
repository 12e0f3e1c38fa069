import type { Row } from "../figure.ts";
import { completed, submit } from "../jobs.ts";
import { load, requestOf } from "../load.ts";
import { withMachines, withWaiting } from "../machines.ts";
import type { Measure } from "../measure.ts";
import { memoryOf, processesWith } from "../process.ts";
import { withService } from "../service.ts";

const row = (name: string, what: string, target: number, how: string): Row => ({
  name,
  what,
  unit: "MiB",
  target,
  good: "below",
  how,
});

/** Between the end of the load and the look at what has stayed. */
const REST = 60_000;

export const idle: Measure = {
  rows: [
    row("idle-agent", "idle agent, RSS", 40, "an agent on a bare machine that waits for a job, pages of its binary included"),
    row("idle-server", "idle server, RSS", 70, "a server that has just started, 5 s later"),
    row(
      "rested-server",
      "server after load, RSS",
      70,
      "a minute after a job of 500,000 lines, an artefact of 256 MiB, 10,000 submits and 10 s of requests",
    ),
  ],
  async run({ programs, quick }) {
    return await withService({ programs }, async (service) => {
      await service.world.sleep(5000);
      const fresh = memoryOf(service.pid)?.now ?? Number.NaN;
      const agent = await withWaiting(service, async (wait) => {
        const end = await wait();
        await service.world.sleep(5000);
        const sizes = processesWith(programs.agent, "run").map((pid) => memoryOf(pid)?.now ?? 0);
        await end();
        return Math.max(...sizes);
      });
      await withMachines(service, 1, async () => {
        const script = "yes 'a line of some length that is like many others' | head -n 500000; head -c 256M /dev/urandom >/mnt/f";
        await completed(service, await submit(service, script, { rules: ["/mnt/f"] }));
      });
      const port = Number(new URL(service.url).port);
      const body = {
        name: "bench",
        target: "default",
        output_rules: [],
        tasks: [{ name: "t", script: "true", env: {}, env_clear: false }],
      };
      await load({ port, request: requestOf("POST", "/0/jobs", service.token, body), connections: 16, count: 10_000 });
      await load({ port, request: requestOf("GET", "/1/jobs", service.token), connections: 16, time: 10_000 });
      await service.world.sleep(quick ? REST / 4 : REST);
      return { "idle-agent": agent, "idle-server": fresh, "rested-server": memoryOf(service.pid)?.now ?? Number.NaN };
    });
  },
};
