import { expect, test } from "bun:test";
import { type Architecture, architectureOf } from "../../core/common/agent-program.ts";

test("a program is built for both architectures, starts on its own, and has its hash written down", async () => {
  const build = Bun.spawn([process.execPath, "scripts/build.ts", "buildomat-agent"], { stdout: "ignore", stderr: "pipe" });
  expect([await new Response(build.stderr).text(), await build.exited]).toEqual(["", 0]);
  for (const architecture of ["x64", "arm64"] as const)
    expect(architectureOf(`dist/linux-${architecture}/buildomat-agent`)).toBe(architecture);
  const here = `linux-${process.arch as Architecture}/buildomat-agent`;
  const started = Bun.spawnSync([`dist/${here}`, "--help"]);
  expect([started.exitCode, started.stdout.toString()]).toEqual([0, expect.stringContaining("Usage: agent")]);
  const checked = Bun.spawnSync(["sha256sum", "--check", "SHA256SUMS"], { cwd: "dist" });
  expect([checked.exitCode, checked.stdout.toString()]).toEqual([0, expect.stringContaining(`${here}: OK`)]);
});

test("what cannot be built is named", () => {
  const build = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, "scripts/build.ts", ...args]);
    return [exitCode, stderr.toString()];
  };
  expect(build("buildomat-sever")).toEqual([2, expect.stringContaining("there is no program buildomat-sever: choose from")]);
  expect(build("--arch", "riscv64")).toEqual([
    2,
    expect.stringContaining("there is no architecture riscv64: choose from x64, arm64"),
  ]);
});
