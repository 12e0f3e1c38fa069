import { agentsBeside } from "../common/agent-program.ts";
import type { Config } from "../config.ts";

/** The agents of the configuration, or those that were built along with the server. */
export function agentsOf({ agent }: Config["general"]): readonly string[] {
  if (agent === undefined) return agentsBeside();
  return typeof agent === "string" ? [agent] : agent;
}
