import { existsSync } from "node:fs";
import { agentsBeside } from "../common/agent-program.ts";
import { BadConfig } from "../common/config.ts";
import type { Config } from "../config.ts";

/** The agents of the configuration, or those that were built along with the server. */
export function agentsOf({ agent }: Config["general"]): readonly string[] {
  if (agent === undefined) return agentsBeside();
  return typeof agent === "string" ? [agent] : agent;
}

/** Looks whether the agents of the configuration are there: no machine could begin without. @throws BadConfig */
export function checkAgents(general: Config["general"]): void {
  const missing = agentsOf(general).find((file) => !existsSync(file));
  if (missing !== undefined) throw new BadConfig(`general.agent: there is no file ${missing}`);
}
