import type { World } from "../../common/world.ts";
import { nodeName } from "./launch.ts";

/** Where machines reach the core. */
export interface Core {
  world: World;
  url: string;
  /** PEM of the authority that the factory trusts for it, where the system does not know it. */
  ca: string | undefined;
}

/** What machines run, made of the core's install script. @throws Error if the core does not give that, or it is too long */
export interface UserData {
  /** For one that gets a job. */
  work(worker: string, bootstrap: string): Promise<string>;
  /** For one that is prepared, and switched off. @param commands that it runs besides @param machine as `uname -m` says it */
  prepare(commands: string, machine: string): Promise<string>;
}

/** EC2 takes no more, before it is encoded. */
const MOST = 16 * 1024;

export function userDataOf(core: Core): UserData {
  const base = core.url.replace(/\/+$/, "");
  return {
    work: async (worker, bootstrap) => scriptOf(await give(core, "install.sh"), [base, bootstrap, nodeName(worker)]),
    prepare: async (commands, machine) => {
      const [script, agent] = await Promise.all([give(core, "install.sh"), give(core, `agent.sha256?mach=${machine}`)]);
      // So that machines with an older agent differ.
      return scriptOf(`# ${agent.trim()}\n${script}`, [base, "--prepare", commands]);
    },
  };
}

function scriptOf(script: string, words: string[]): string {
  const data = `#!/bin/sh\nset -- ${words.map(quoted).join(" ")}\n${script.replace(/^#!.*\n/, "")}`;
  if (Buffer.byteLength(data) > MOST) throw new Error(`the user data are too long for EC2, which takes ${MOST} bytes`);
  return data;
}

async function give({ world, url, ca }: Core, name: string): Promise<string> {
  const signal = AbortSignal.timeout(30_000);
  const address = `${url.replace(/\/+$/, "")}/file/${name}`;
  const answer = await world.fetch(address, { signal, ...(ca ? { tls: { ca } } : {}) });
  if (!answer.ok) throw new Error(`the core does not give ${name}, which machines need: status ${answer.status}`);
  return await answer.text();
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
