import { connect, createServer } from "node:net";
import type { Row } from "../figure.ts";
import { completed, submit } from "../jobs.ts";
import { withMachines } from "../machines.ts";
import { type Measure, repeat } from "../measure.ts";
import { type Service, withService } from "../service.ts";

const JOBS = 10;

const row = (name: string, what: string, unit: string, how: string): Row => ({ name, what, unit, target: 0, good: "shown", how });

export const cost: Measure = {
  rows: [
    row(
      "flushes",
      "flushes to disk for a job of one line",
      "calls",
      "`strace` counts fdatasync and fsync of the server, all threads, from before the submit to a second after the end; 10 jobs one after another on bare machines",
    ),
    row(
      "requests",
      "requests for a job of one line",
      "calls",
      "/metrics of the server before and after the same: user, agent and factory together",
    ),
    row(
      "bytes",
      "bytes between agent, factory and server for it",
      "bytes",
      "both ways, headers included, through a proxy that counts",
    ),
  ],
  async run({ programs }) {
    await using counter = await countingProxy();
    return await withService({ programs, baseurl: counter.url }, async (service) => {
      counter.forward(Number(new URL(service.url).port));
      return await withMachines({ ...service, url: counter.url }, 1, async () => {
        const run = async () => {
          await completed(service, await submit(service, "echo here"));
          await service.world.sleep(200);
        };
        await run();
        const before = { bytes: counter.bytes(), requests: await requests(service) };
        await repeat(JOBS, run);
        const after = { bytes: counter.bytes(), requests: await requests(service) };
        const flushes = await flushesDuring(service.pid, async () => {
          await repeat(JOBS, run);
          await service.world.sleep(1000);
        });
        return {
          // The look at /metrics itself is one.
          requests: (after.requests - before.requests - 1) / JOBS,
          bytes: (after.bytes - before.bytes) / JOBS,
          ...(flushes === undefined ? {} : { flushes: flushes / JOBS }),
        };
      });
    });
  },
};

async function requests({ url }: Service): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(/^buildomat_request_seconds_count\{[^}]*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** Undefined where there is no strace, or it may not look. */
async function flushesDuring(pid: number, work: () => Promise<void>): Promise<number | undefined> {
  if (!Bun.which("strace")) return undefined;
  const child = Bun.spawn(["strace", "-f", "-e", "trace=fdatasync,fsync", "-p", String(pid)], {
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = new Response(child.stderr).text();
  await Bun.sleep(500);
  await work();
  child.kill("SIGINT");
  return [...(await text).matchAll(/f(?:data)?sync\(/g)].length || undefined;
}

/** Hands connections on and counts the bytes of both ways. */
async function countingProxy() {
  let port = 0;
  let count = 0;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (piece: Buffer) => {
        count += piece.length;
        to.write(piece);
      });
      from.on("close", () => to.destroy());
      from.on("error", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    bytes: () => count,
    forward(to: number) {
      port = to;
    },
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
