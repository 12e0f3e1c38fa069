import { expect, test } from "bun:test";

/** What is counted of a command, and whether its own output is still to be seen. */
async function tally(command: string): Promise<string> {
  const script = `set -eu; . scripts/tally; tally sh -c '${command}' >/dev/null; echo "$passed and $failed"`;
  const child = Bun.spawn(["sh", "-c", script], { stdout: "pipe", stderr: "ignore" });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return text.trim();
}

test.each([
  ["its last line counts", "echo 1 passed, 1 failed; echo 3 passed, 2 failed; exit 1", "3 and 2"],
  ["all has passed", "echo 3 passed, 0 failed", "3 and 0"],
  ["it says that all has passed, and ends badly", "echo 3 passed, 0 failed; exit 1", "3 and 1"],
  ["it dies without a count", "echo boom; exit 3", "0 and 1"],
  ["it ends well without a count", "echo fine", "0 and 1"],
  ["it says nothing", "true", "0 and 1"],
  ["the count is part of a line", "echo x 3 passed, 0 failed", "0 and 1"],
])("%s", async (_, command, expected) => {
  expect(await tally(command)).toBe(expected);
});
