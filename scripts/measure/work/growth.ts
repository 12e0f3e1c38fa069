import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../figure.ts";
import { writeHistory } from "../history.ts";
import { submit } from "../jobs.ts";
import { load, requestOf } from "../load.ts";
import { type Measure, repeat } from "../measure.ts";
import { type Programs, type Service, withService } from "../service.ts";

const FEW = 1_000;

/** How much more it may cost with a thousand times the history before it counts as growing: the spread of two runs. */
const SAME = 1.5;

const ratio = (name: string, what: string, how: string): Row => ({ name, what, unit: "times", target: SAME, good: "below", how });

export const history: Measure = {
  rows: [
    ratio(
      "list-growth",
      "job list, first page: 1,000,000 finished jobs against 1,000",
      "the median of 300 requests of a user with 10 jobs, against two servers that differ in the history of another user",
    ),
    { ...ratio("list", "the same: with 1,000,000", "the same"), unit: "ms", good: "shown" },
    ratio(
      "pass-growth",
      "scheduling pass: 1,000,000 finished jobs against 1,000",
      "the median of 300 passes with 10 queued jobs in a process that opened the same databases",
    ),
    { ...ratio("pass", "the same: with 1,000,000", "the same"), unit: "ms", good: "shown" },
    {
      ...ratio("pass-queued", "scheduling pass: 10,000 queued jobs", "the same with a longer queue and no worker"),
      unit: "ms",
      good: "shown",
    },
  ],
  async run({ programs, quick }) {
    const many = quick ? 100_000 : 1_000_000;
    const [few, full] = [await costs(programs, FEW, 10), await costs(programs, many, 10)];
    const queue = await costs(programs, FEW, 10_000);
    return {
      "list-growth": full.list / few.list,
      list: full.list,
      "pass-growth": full.pass / few.pass,
      pass: full.pass,
      "pass-queued": queue.pass,
    };
  },
};

/** What a page of the user's list and a pass of the scheduler take, ms. */
async function costs(programs: Programs, finished: number, queued: number): Promise<{ list: number; pass: number }> {
  const kept = mkdtempSync("/var/tmp/buildomat-bench-");
  try {
    const prepare = (data: string) => writeHistory(data, finished);
    const list = await withService({ programs, prepare }, async (service) => {
      await queue(service, queued);
      const request = requestOf("GET", "/1/jobs", service.token);
      const { p50 } = await load({ port: Number(new URL(service.url).port), request, connections: 1, count: 300 });
      copy(service, kept);
      return p50;
    });
    return { list, pass: await passOver(kept) };
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

async function queue(service: Service, count: number): Promise<void> {
  await repeat(10, () => submit(service, "true"));
  const body = {
    name: "bench",
    target: "default",
    output_rules: [],
    tasks: [{ name: "t", script: "true", env: {}, env_clear: false }],
  };
  const port = Number(new URL(service.url).port);
  if (count > 10)
    await load({ port, request: requestOf("POST", "/0/jobs", service.token, body), connections: 4, count: count - 10 });
}

/** The database as it is: a copy through SQLite, since the server goes on. */
function copy({ data }: Service, to: string): void {
  mkdirSync(join(to, "data"));
  const { success } = Bun.spawnSync([process.execPath, "-e", COPY, join(data, "core.sqlite"), join(to, "data", "core.sqlite")]);
  if (!success) throw new Error("the database could not be copied");
}

const COPY = `import { Database } from "bun:sqlite"; const [from, to] = process.argv.slice(1); new Database(from).query("VACUUM INTO ?").run(to);`;

async function passOver(dir: string): Promise<number> {
  const config = join(dir, "server.toml");
  writeFileSync(config, `[general]\nlisten = "127.0.0.1:0"\ndata = "${dir}/data"\n[admin]\ntoken = "${"x".repeat(32)}"\n`);
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "..", "pass.ts"), config], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the pass could not be measured");
  return Number(text);
}
