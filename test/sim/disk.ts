import {
  closeSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import type { Disk, FileFacts, OpenFile } from "../../core/common/disk.ts";
import type { Process } from "./process.ts";

/** Most calls are answered at once; of so many one takes its time, at most so long, ms. */
const ONE_IN = 8;
const SLOWEST = 40;

/**
 * Real files, which settle in an order that the seed decides. A process can be killed before and after each call; what the
 * call did stays, as after SIGKILL.
 */
export class SimulatedDisk implements Disk {
  readonly #process: Process;
  readonly #root: string | undefined;

  constructor(process: Process, root: string | undefined) {
    this.#process = process;
    this.#root = root;
  }

  open(path: string, flags: string | number): Promise<OpenFile> {
    return this.#do(() => {
      const fd = openSync(this.#at(path), flags);
      return new SimulatedFile(fd, (call) => this.#do(call), this.#process);
    });
  }

  mkdir = (path: string, options: { recursive: true }) => this.#do(() => mkdirSync(this.#at(path), options));
  rename = (from: string, to: string) => this.#do(() => renameSync(this.#at(from), this.#at(to)));
  rm = (path: string, options: { force: true; recursive?: boolean }) => this.#do(() => rmSync(this.#at(path), options));
  link = (existing: string, to: string) => this.#do(() => linkSync(this.#at(existing), this.#at(to)));
  stat = (path: string) => this.#do((): FileFacts => statSync(this.#at(path)));
  lstat = (path: string) => this.#do((): FileFacts => lstatSync(this.#at(path)));

  #at(path: string): string {
    return this.#root !== undefined && path.startsWith("/work/") ? this.#root + path : path;
  }

  async #do<T>(call: () => T): Promise<T> {
    const { random, world } = this.#process;
    if (random.between(1, ONE_IN) === 1) await world.sleep(random.between(1, SLOWEST));
    this.#process.touch();
    const result = call();
    this.#process.touch();
    return result;
  }
}

class SimulatedFile implements OpenFile {
  readonly #fd: number;
  readonly #do: <T>(call: () => T) => Promise<T>;
  readonly #forget: () => void;

  constructor(fd: number, perform: <T>(call: () => T) => Promise<T>, process: Process) {
    this.#fd = fd;
    this.#do = perform;
    this.#forget = process.onDeath(() => closeSync(fd));
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    return this.#do(() => ({ bytesRead: readSync(this.#fd, buffer, offset, length, position) }));
  }

  writev(pieces: readonly Uint8Array[], position: number): Promise<{ bytesWritten: number }> {
    return this.#do(() => ({ bytesWritten: writeSync(this.#fd, Buffer.concat(pieces), 0, undefined, position) }));
  }

  async writeFile(bytes: Uint8Array): Promise<void> {
    await this.#do(() => writeSync(this.#fd, bytes));
  }

  truncate = (length: number) => this.#do(() => ftruncateSync(this.#fd, length));
  stat = () => this.#do((): FileFacts => fstatSync(this.#fd));
  sync = () => this.#do(() => {});
  datasync = () => this.#do(() => {});

  close(): Promise<void> {
    return this.#do(() => {
      this.#forget();
      closeSync(this.#fd);
    });
  }
}
