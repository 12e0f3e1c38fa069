import type { Subprocess } from "bun";
import { eachLine } from "./lines.ts";
import { type IdMap, writeMap } from "./map.ts";
import { holdProcess, type Pidfd } from "./pidfd.ts";

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
const NAMESPACES = ["--user", "--keep-caps", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child=KILL"];

/**
 * What runs first in the new namespaces. It tells its number, as the host's /proc that it still sees names it (only then
 * is it safe to write the map: a shell that starts under a half-written one drops its rights), waits for the map, becomes
 * the box's root before the box has anybody who could trace it, and stays as process 1, which reaps orphans. The program
 * finds the pipe from the factory as descriptor 3.
 */
const enterScript = (groups: string) => `read -r pid rest </proc/self/stat; echo "$pid"; read -r go || exit 1
exec setpriv --reuid 0 --regid 0 ${groups} --inh-caps -all --ambient-caps -all --pdeathsig KILL -- \
sh -c 'exec 3<&0 </dev/null; "$0" "$@" & exec 3<&-; wait $!; exit $?' "$@"`;

export interface EnterOptions {
  map: IdMap;
  /** Give it a network of its own, which begins with nothing but a loopback interface that is down. */
  ownNetwork?: boolean;
  /** The `cgroup.procs` of each control group that it is to be in. */
  groups?: readonly string[];
  /** Told the number of process 1 before the program starts. */
  born?(pid: number): void;
  /** Each line of its output and error output. */
  line(text: string, stream: "out" | "err"): void;
}

/** A program that runs as root of its own namespaces, and everything it started there. */
export interface Entered {
  /** Process 1 of the namespaces, numbered as on the host. */
  readonly init: Pidfd;
  /** Exit code, once every process in the namespaces is gone and its output read. */
  readonly ended: Promise<number>;
  /** Writes a line to descriptor 3 of the program. */
  send(line: string): void;
  /** Kills everything in the namespaces. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts `argv` as root of new namespaces. @throws Error with what the kernel or a tool said */
export async function enter(argv: readonly string[], options: EnterOptions): Promise<Entered> {
  const { map, ownNetwork = false, groups = [], born, line } = options;
  const keep = map.kind === "single" ? "--keep-groups" : "--clear-groups";
  const unshare = ["unshare", ...NAMESPACES, ...(ownNetwork ? ["--net"] : [])];
  const command = [
    ...joining(groups),
    "setpriv",
    "--pdeathsig",
    "KILL",
    ...unshare,
    "--",
    "sh",
    "-c",
    enterScript(keep),
    "sh",
    ...argv,
  ];
  // Never "inherit": through /proc/PID/fd a job could open the server's own log. Bun's pipes are sockets, which cannot be opened.
  const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe", cwd: "/", env: { PATH } });
  const said: string[] = [];
  const first = Promise.withResolvers<number>();
  let started = false;
  const out = eachLine(child.stdout, (text) => {
    if (started) return line(text, "out");
    started = true;
    first.resolve(Number(text));
  });
  const err = eachLine(child.stderr, (text) => {
    // util-linux 2.38 remarks this when its child is killed.
    if (text.includes("sigprocmask unblock failed")) return;
    if (!started) said.push(text);
    line(text, "err");
  });
  const drained = Promise.all([out, err]);
  drained.then(
    () => first.reject(new Error(said.join("; ") || "ended before its namespaces were made")),
    (error) => first.reject(error),
  );
  try {
    const init = holdProcess(await first.promise);
    born?.(init.pid);
    await writeMap(child.pid, map);
    send(child, "go");
    return entered(child, init, drained);
  } catch (error) {
    child.kill("SIGKILL");
    await child.exited;
    throw error;
  }
}

/**
 * Enters the control groups before the namespaces are made, so that the box's own is the root of what it sees. The process
 * does so itself: the kernel takes milliseconds over it.
 */
const joining = (groups: readonly string[]) =>
  groups.length === 0 ? [] : ["sh", "-c", `${groups.map((file) => `echo 0 >'${file}' && `).join("")}exec "$@"`, "sh"];

type Child = Subprocess<"pipe", "pipe", "pipe">;

function send(child: Child, line: string): void {
  child.stdin.write(`${line}\n`);
  child.stdin.flush();
}

function entered(child: Child, init: Pidfd, drained: Promise<unknown>): Entered {
  let over = false;
  const ended = (async () => {
    const code = await child.exited;
    // unshare ends after process 1, and that after all others; but unshare itself may have been killed from outside.
    while (init.signal(9)) await Bun.sleep(2);
    over = true;
    init.close();
    await drained;
    return code;
  })();
  return {
    init,
    ended,
    send: (line) => send(child, line),
    kill: async () => {
      // Process 1, not unshare: unshare then ends last, when all of the box is gone.
      if (!over) init.signal(9);
      await ended;
    },
  };
}
