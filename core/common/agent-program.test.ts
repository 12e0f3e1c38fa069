import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Architecture, agentFor, agentsBeside, architectureOf } from "./agent-program.ts";
import { elfFor } from "./elf.fixture.ts";

function program(dir: string, name: string, content: string | Buffer): string {
  const file = join(dir, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

test("a program says for which processor it was compiled; a script says nothing", () => {
  const dir = mkdtempSync(join(tmpdir(), "elf-"));
  expect(architectureOf(process.execPath)).toBe(process.arch as Architecture);
  expect(architectureOf(program(dir, "arm", elfFor("arm64")))).toBe("arm64");
  expect(architectureOf(program(dir, "script", "#!/bin/sh\n"))).toBeUndefined();
  expect(architectureOf(program(dir, "empty", ""))).toBeUndefined();
});

test("a program finds the agents that were built along with it", () => {
  const dir = mkdtempSync(join(tmpdir(), "beside-"));
  const server = join(dir, "linux-x64/buildomat-server");
  expect(agentsBeside(server)).toEqual([]);
  const own = program(dir, "linux-x64/buildomat-agent", elfFor("x64"));
  const other = program(dir, "linux-arm64/buildomat-agent", elfFor("arm64"));
  expect(agentsBeside(server)).toEqual([own, other]);
  expect(agentFor("arm64", agentsBeside(server))).toBe(other);
  expect(agentFor("x64", [join(dir, "nowhere"), other])).toBeUndefined();
});
