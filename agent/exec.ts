import { closeSync, fchownSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { reasonOf } from "../core/common/errors.ts";
import type { Mask } from "../core/common/mask.ts";
import type { World } from "../core/common/world.ts";
import { mayEnter } from "./enter.ts";
import { stopSession } from "./group.ts";
import { openPipe } from "./libc.ts";
import { LineSplitter } from "./lines.ts";
import { describeSession } from "./processes.ts";

export interface Command {
  argv: [program: string, ...args: string[]];
  /** All of it: nothing of the agent's own environment is added. */
  env: Record<string, string>;
  cwd: string;
  uid: number;
  gid: number;
}

export type Output = "stdout" | "stderr";

export interface Listener {
  /** Whole lines of an output, as they come. */
  lines(output: Output, lines: string[]): void;
  /** A stream that could not be read to its end. */
  broken(output: Output, reason: string): void;
  /** Resolves when more lines can be taken: until then the command waits on its full pipe. */
  room(): Promise<void>;
}

export interface Exit {
  /** Exit status, or `KILLED` after a signal. */
  code: number;
  /** Number of the signal that ended it. */
  signal: number | undefined;
  /** When it ended, ms since the epoch. */
  time: number;
}

/** Stands for "ended by a signal" where an exit status is wanted. */
export const KILLED = 2147483647;

const LOOK_EVERY = 250;

export interface ExecOptions {
  world: World;
  mask: Mask;
  limits: Limits;
}

/** What the machine cannot do for a command by itself. */
export interface Limits {
  /** It has a single id: other users are played in a user namespace of their own. */
  singleId: boolean;
  /** Most processes of one command; undefined where the machine limits them itself. */
  processes: number | undefined;
}

/** A running command: leader of its own session, its output read line by line through two pipes. */
export class Exec {
  /** Resolves when the command itself has ended. */
  readonly exited: Promise<Exit>;
  readonly #world: World;
  readonly #pid: number;
  readonly #readers: Reader[];

  /** @throws Error when the command cannot be started; nothing is left behind then */
  constructor({ world, mask, limits }: ExecOptions, command: Command, listener: Listener) {
    checkCommand(command, limits);
    const pipes = { stdout: openPipe(), stderr: openPipe() };
    try {
      // So that the job may open /dev/stdout and /dev/stderr again.
      if (!limits.singleId) for (const pipe of Object.values(pipes)) fchownSync(pipe.write, command.uid, command.gid);
      const child = Bun.spawn(limited(limits, command), {
        cwd: command.cwd,
        env: command.env,
        stdin: "ignore",
        stdout: pipes.stdout.write,
        stderr: pipes.stderr.write,
        detached: true,
        ...(limits.singleId || isSelf(command) ? {} : { uid: command.uid, gid: command.gid }),
      });
      this.#pid = child.pid;
      offerToKernel(child.pid);
      this.exited = child.exited.then((code) => {
        const signal = numberOf(child.signalCode);
        return { code: signal === undefined ? code : KILLED, signal, time: world.now() };
      });
    } catch (error) {
      for (const pipe of Object.values(pipes)) closeSync(pipe.read);
      throw error;
    } finally {
      for (const pipe of Object.values(pipes)) closeSync(pipe.write);
    }
    this.#world = world;
    this.#readers = (["stdout", "stderr"] as const).map((output) => new Reader(pipes[output].read, output, mask, listener));
  }

  /** Outputs that somebody still holds open. */
  get open(): Output[] {
    return this.#readers.filter((reader) => !reader.ended).map((reader) => reader.output);
  }

  /**
   * Resolves once both outputs have been read to their end, at the latest after `ms`; time in which there was no room for
   * their lines is not counted. True if they have.
   */
  async drained(ms: number, signal?: AbortSignal): Promise<boolean> {
    const all = Promise.all(this.#readers.map((reader) => reader.done));
    for (let left = ms; left > 0 && this.open.length > 0 && !signal?.aborted; ) {
      const tick = new AbortController();
      const pause = Math.min(left, LOOK_EVERY);
      await Promise.race([all, this.#world.sleep(pause, signal ? AbortSignal.any([signal, tick.signal]) : tick.signal)]);
      tick.abort();
      if (!this.#readers.some((reader) => reader.blocked)) left -= pause;
    }
    return this.open.length === 0;
  }

  /** Ends whatever is left of the command: asked to, and after `grace` ms made to. True if all is gone. */
  stop(grace: number): Promise<boolean> {
    return stopSession(this.#world, this.#pid, grace);
  }

  /** What its processes are at, as lines for a person. */
  describe(): string[] {
    return describeSession(this.#pid);
  }

  /** Stops reading: who still writes gets SIGPIPE. */
  async giveUp(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.giveUp()));
  }
}

/** A command that runs, as whoever started it sees it. */
export type Running = Pick<Exec, "exited" | "open" | "drained" | "stop" | "describe" | "giveUp">;

/** Starts a command. @throws Error when it cannot be started; nothing is left behind then */
export type Start = (options: ExecOptions, command: Command, listener: Listener) => Running;

export const startCommand: Start = (options, command, listener) => new Exec(options, command, listener);

/** Reads one pipe to its end. */
class Reader {
  readonly output: Output;
  readonly done: Promise<void>;
  ended = false;
  /** Has lines for which there is no room. */
  blocked = false;
  readonly #stream: ReturnType<typeof readerOf>;

  constructor(fd: number, output: Output, mask: Mask, listener: Listener) {
    this.output = output;
    this.#stream = readerOf(fd);
    this.done = this.#read(new LineSplitter(mask), listener).finally(() => {
      this.ended = true;
      closeSync(fd);
    });
  }

  async giveUp(): Promise<void> {
    await this.#stream.cancel();
    await this.done;
  }

  async #read(splitter: LineSplitter, listener: Listener): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#stream.read();
        if (done) break;
        listener.lines(this.output, splitter.push(value));
        this.blocked = true;
        await listener.room();
        this.blocked = false;
      }
    } catch (error) {
      listener.broken(this.output, reasonOf(error));
    }
    listener.lines(this.output, splitter.end());
  }
}

const readerOf = (fd: number) => Bun.file(fd).stream().getReader();

/** Says in plain words what the system would only number, or blame on the wrong thing. */
function checkCommand({ argv, env, cwd, ...user }: Command, { singleId }: Limits): void {
  // Not shown: it may be a secret.
  if ([...argv, cwd, ...Object.entries(env).flat()].some((text) => text.includes("\0")))
    throw new Error("an argument or an environment variable holds a NUL byte, which cannot be passed to a program");
  const place = statSync(cwd, { throwIfNoEntry: false });
  if (!place) throw new Error(`the working directory ${cwd} does not exist`);
  if (!place.isDirectory()) throw new Error(`the working directory ${cwd} is not a directory`);
  // The process would be put there all the same, by the agent's own right.
  if (!singleId && !mayEnter(cwd, user)) throw new Error(`the user ${user.uid} may not enter the working directory ${cwd}`);
}

/**
 * When memory ends, the kernel ends a process of the job, not the agent, who has to tell of it. By size alone it would be the
 * agent where the memory is full of files.
 */
function offerToKernel(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "500");
  } catch {
    // It has ended already, or the machine has no such thing.
  }
}

/** Number of a signal that Bun names, or numbers where it knows no name. */
const numberOf = (signal: NodeJS.Signals | number | null): number | undefined =>
  typeof signal === "string" ? constants.signals[signal] : (signal ?? undefined);

const isSelf = ({ uid, gid }: Command) => uid === process.getuid?.() && gid === process.getgid?.();

function limited({ singleId, processes }: Limits, { argv, uid, gid }: Command): string[] {
  const limit = processes === undefined ? [] : ["/usr/bin/prlimit", `--nproc=${processes}`, "--"];
  const other = singleId && (uid !== 0 || gid !== 0);
  const user = other ? ["/usr/bin/unshare", "--user", `--map-user=${uid}`, `--map-group=${gid}`, "--"] : [];
  return [...limit, ...user, ...argv];
}
