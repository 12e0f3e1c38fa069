import type { Agent } from "./agent.ts";
import type { AgentConfig } from "./config.ts";

/** How long the core may not know this machine: its factory tells it only when the machine has come up, ms. */
const UNKNOWN = 10 * 60_000;

/**
 * Trades the single-use key for the right to work; the same again is the same, so a restarted agent does it too.
 *
 * @returns the worker's id; undefined when the agent is stopped meanwhile
 * @throws CallFailed
 */
export async function bootstrap(
  { client, world, shutdown }: Pick<Agent, "client" | "world" | "shutdown">,
  { bootstrap: key, token }: AgentConfig,
): Promise<string | undefined> {
  const end = world.now() + UNKNOWN;
  try {
    const { id } = await client.call(
      "worker_bootstrap",
      { body: { bootstrap: key, token } },
      { signal: shutdown, alsoRetry: ({ status }) => status === 401 && world.now() < end },
    );
    return id;
  } catch (error) {
    if (shutdown.aborted) return undefined;
    throw error;
  }
}
