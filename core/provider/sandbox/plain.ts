import { readdirSync, readFileSync } from "node:fs";
import { Box } from "./box.ts";
import type { Limits } from "./config.ts";
import { eachLine } from "./lines.ts";
import type { Maker } from "./maker.ts";
import type { Entered, EnterOptions } from "./namespaces.ts";
import { holdProcess } from "./pidfd.ts";

interface PlainOptions {
  url: string;
  agentBinary: string;
}

/**
 * Jobs as plain processes of this host, for a machine or container that exists for one job: nothing is isolated, and the
 * agent refuses to start where a job has been.
 */
export function plainProcesses({ url, agentBinary }: PlainOptions, { processes }: Limits): Maker {
  return {
    common: () => ({ baseurl: url, single_id: false, processes }),
    start: () => Box.start((line) => spawn([agentBinary, "box", JSON.stringify({ plain: true })], line)),
    details: () => ({ isolation: "NONE: plain processes of the host", level: "none", network: "host" }),
    close: async () => {},
  };
}

async function spawn(argv: readonly string[], line: EnterOptions["line"]): Promise<Entered> {
  const shell = ["sh", "-c", 'exec 3<&0 </dev/null; exec "$0" "$@"'];
  const child = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...shell, ...argv], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  const out = eachLine(child.stdout, (text) => line(text, "out"));
  const err = eachLine(child.stderr, (text) => line(text, "err"));
  const ended = (async () => {
    const code = await child.exited;
    await Promise.all([out, err]);
    return code;
  })();
  return {
    init: holdProcess(child.pid),
    ended,
    send: (text) => {
      child.stdin.write(`${text}\n`);
      child.stdin.flush();
    },
    kill: async () => {
      // The agent last: until then it is the parent of whatever loses its own.
      while (child.exitCode === null && killAll(descendantsOf(child.pid))) await Bun.sleep(2);
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** @returns whether there were any */
function killAll(pids: readonly number[]): boolean {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile, which is what was wanted.
    }
  }
  return pids.length > 0;
}

/** Those below the process that have not ended. */
function descendantsOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(root);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : Number(parent);
  } catch {
    return undefined; // it ended meanwhile
  }
}
