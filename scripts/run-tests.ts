export interface Outcome {
  passed: number;
  failed: number;
}

/** Of one test, ms: generous, as tests run on whatever machine there is. */
const TIMEOUT = 60_000;

/** Runs `bun test` and reads the count off its closing lines, which it writes to stderr. */
export async function runTests(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = Bun.spawn([process.execPath, "test", `--timeout=${TIMEOUT}`, ...args], {
    env: { ...process.env, ...env },
    stdout: "inherit",
    stderr: "pipe",
  });
  let tail = "";
  const text = new TextDecoder();
  for await (const piece of child.stderr) {
    process.stderr.write(piece);
    tail = (tail + text.decode(piece, { stream: true })).slice(-4000);
  }
  const code = await child.exited;
  const count = (word: string) => Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(tail)?.[1] ?? 0);
  const failed = count("fail");
  return { passed: count("pass"), failed: code !== 0 && failed === 0 ? 1 : failed };
}
