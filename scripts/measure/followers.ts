import { quantile } from "./figure.ts";

/** What the process `followers.ts` is asked for, as its only argument. */
export interface FollowTask {
  port: number;
  /** The bytes of the request that opens a stream. */
  request: string;
  followers: number;
  /** How long, ms. */
  time: number;
}

export interface FollowResult {
  seen: number;
  /** From writing a line to seeing it, ms. */
  p50: number;
  p99: number;
}

/** Follows a log many times over, in a process of its own. Lines are taken to be the time when they were written, in seconds. */
export async function followMany(task: FollowTask): Promise<FollowResult> {
  const child = Bun.spawn([process.execPath, import.meta.path, JSON.stringify(task)], { stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the followers have failed");
  return JSON.parse(text) as FollowResult;
}

async function run({ port, request, followers, time }: FollowTask): Promise<FollowResult> {
  const late: number[] = [];
  let measuring = false;
  const data = (_: unknown, piece: Buffer) => {
    const now = performance.timeOrigin + performance.now();
    if (!measuring) return;
    for (const [, written] of piece.toString("latin1").matchAll(/"payload":"(\d+\.\d{6})"/g))
      late.push(now - Number(written) * 1000);
  };
  const open = () => Bun.connect({ hostname: "127.0.0.1", port, socket: { data, open: (socket) => void socket.write(request) } });
  const sockets = await Promise.all(Array.from({ length: followers }, open));
  // What was written before they came is not news.
  await Bun.sleep(500);
  measuring = true;
  await Bun.sleep(time);
  measuring = false;
  for (const socket of sockets) socket.terminate();
  return { seen: late.length, p50: quantile(late, 0.5), p99: quantile(late, 0.99) };
}

if (import.meta.main) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] ?? "{}") as FollowTask)));
  process.exit(0);
}
