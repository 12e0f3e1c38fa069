import type { World } from "../../common/world.ts";
import { nodeName } from "./launch.ts";

interface Core {
  world: World;
  url: string;
  ca: string | undefined;
}

/** EC2 takes no more, before it is encoded. */
const MOST = 16 * 1024;

/** What a new machine runs first: the core's install script, with what it needs to know. @throws Error if the core does not give it */
export async function userDataFrom({ world, url, ca }: Core, worker: string, bootstrap: string): Promise<string> {
  const base = url.replace(/\/+$/, "");
  const signal = AbortSignal.timeout(30_000);
  const answer = await world.fetch(`${base}/file/install.sh`, { signal, ...(ca ? { tls: { ca } } : {}) });
  if (!answer.ok) throw new Error(`the core does not give its install script: status ${answer.status}`);
  const script = (await answer.text()).replace(/^#!.*\n/, "");
  const data = `#!/bin/sh\nset -- ${[base, bootstrap, nodeName(worker)].map(quoted).join(" ")}\n${script}`;
  if (Buffer.byteLength(data) > MOST) throw new Error(`the core's install script is too long for EC2, which takes ${MOST} bytes`);
  return data;
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
