import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../core/common/errors.ts";
import type { Paths } from "./paths.ts";

/** agent.json: where the core is and what this machine says to it. The long-lived `token` is made here, not by the core. */
export interface AgentConfig {
  baseurl: string;
  bootstrap: string;
  token: string;
}

const fileOf = (paths: Paths) => join(paths.etc, "agent.json");

/** @throws Error that says what is wrong with the file */
export function readAgentConfig(paths: Paths): AgentConfig {
  const file = fileOf(paths);
  try {
    const { baseurl, bootstrap, token } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    if (typeof baseurl !== "string" || typeof bootstrap !== "string" || typeof token !== "string")
      throw new Error("baseurl, bootstrap and token must be strings");
    return { baseurl, bootstrap, token };
  } catch (error) {
    throw new Error(`cannot use ${file}: ${reasonOf(error)}; run "agent install" first`, { cause: error });
  }
}

export function writeAgentConfig(paths: Paths, config: AgentConfig): void {
  mkdirSync(paths.etc, { recursive: true });
  const file = fileOf(paths);
  writeFileSync(`${file}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o640 });
  renameSync(`${file}.new`, file);
}
