import { reasonOf } from "../core/common/errors.ts";
import type { Agent } from "./agent.ts";
import { baseEnvironment } from "./environment.ts";
import type { Command, Exit } from "./exec.ts";
import { withScript } from "./script.ts";

const GRACE = 1_000;
const LAG = 5_000;

export interface Diagnosis {
  /** The script says that the machine is not as it should be. */
  fault: boolean;
  /** What went wrong, in words for an operator, also where the script could not be run; undefined when nothing did. */
  reason: string | undefined;
}

/** Runs a diagnostic script as the agent's own user, root; its output goes to the log of this machine. */
export async function diagnose(agent: Agent, when: "pre" | "post", script: string): Promise<Diagnosis> {
  const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const stream = `diag.${when}`;
  agent.log.write(stream, [`starting ${when}-job diagnostics`]);
  try {
    const started = agent.world.now();
    const { code, time } = await withScript(agent, { name: stream, text: script, ...self }, (file) =>
      run(agent, { ...self, argv: ["/bin/bash", file], env: baseEnvironment(agent.machine, self.uid), cwd: "/" }, stream),
    );
    agent.log.write(stream, [`process exited: duration ${time - started} ms, exit code ${code}`]);
    return code === 0
      ? { fault: false, reason: undefined }
      : { fault: true, reason: `${when}-job diagnostics found a fault: exit code ${code}` };
  } catch (error) {
    const reason = `${when}-job diagnostics could not be started: ${reasonOf(error)}`;
    agent.log.write(stream, [reason]);
    return { fault: false, reason };
  } finally {
    await agent.log.flush();
  }
}

async function run(agent: Agent, command: Command, stream: string): Promise<Exit> {
  const exec = agent.start(agent, command, {
    lines: (output, lines) => agent.log.write(output, lines),
    broken: (output, reason) => agent.log.write(stream, [`cannot read ${output} any further: ${reason}`]),
    room: () => agent.log.room(),
  });
  const stop = () => void exec.stop(GRACE);
  agent.shutdown.addEventListener("abort", stop);
  const exit = await exec.exited;
  await exec.drained(LAG, agent.shutdown);
  agent.shutdown.removeEventListener("abort", stop);
  await exec.stop(GRACE);
  await exec.giveUp();
  return exit;
}
