import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";

export type Architecture = "x64" | "arm64";

const ARCHITECTURES: readonly Architecture[] = ["x64", "arm64"];

/** As `uname -m` calls them. */
const MACHINES: Record<string, Architecture> = { x86_64: "x64", aarch64: "arm64" };

/** Numbers of `e_machine` in the header. Source: the ELF specification and its processor supplements. */
const ELF_MACHINES: Record<number, Architecture> = { 62: "x64", 183: "arm64" };

export const architectureFromMachine = (machine: string): Architecture | undefined => MACHINES[machine];

/** What a program was compiled for; undefined for what is no such program, as a script, which runs anywhere. */
export function architectureOf(program: string): Architecture | undefined {
  const header = Buffer.alloc(20);
  const file = openSync(program, "r");
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return header.toString("latin1", 0, 4) === "\x7fELF" ? ELF_MACHINES[header.readUInt16LE(18)] : undefined;
}

/** The agents that `scripts/build` made along with a program, its own architecture first. */
export function agentsBeside(program: string = process.execPath): string[] {
  const dir = dirname(program);
  const others = ARCHITECTURES.map((name) => join(dir, "..", `linux-${name}`, "buildomat-agent"));
  return [...new Set([join(dir, "buildomat-agent"), ...others])].filter((file) => existsSync(file));
}

/** The first of these agents that runs on such a processor. */
export function agentFor(architecture: string, agents: readonly string[]): string | undefined {
  return agents.find((agent) => existsSync(agent) && (architectureOf(agent) ?? architecture) === architecture);
}
