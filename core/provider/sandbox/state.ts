import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Explained } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { lockDirectory } from "./flock.ts";
import { ownIds } from "./map.ts";
import { holdProcess, identityOf } from "./pidfd.ts";

/**
 * Where a sandbox factory keeps what its boxes must reach: the ids of a box are other people's, so every parent must let
 * them through, which the server's own data directory does not.
 *
 * @param seed any text that differs between the factories of one user, such as the path of the server's data
 */
export function defaultStateDir(seed: string): string {
  const parent = existsSync("/var/tmp") ? "/var/tmp" : tmpdir();
  return join(parent, `buildomat-${ownIds().uid}-${Bun.hash(seed).toString(16).padStart(16, "0").slice(0, 10)}`);
}

/** The directory of one running factory; what an earlier one left there is cleared when it is opened. */
export class StateDir {
  readonly path: string;
  readonly #logger: Logger;
  readonly #unlock: () => void;

  /** @throws Error if the directory is somebody else's, or a factory is at work in it */
  constructor(path: string, logger: Logger) {
    this.path = path;
    this.#logger = logger;
    mkdirSync(path, { recursive: true, mode: 0o711 });
    const stat = lstatSync(path);
    if (!stat.isDirectory() || stat.uid !== ownIds().uid)
      throw new Explained(`${path} belongs to somebody else: name another directory as sandbox.state_dir`);
    chmodSync(path, 0o711);
    const unlock = lockDirectory(path);
    if (!unlock)
      throw new Explained(`another factory is at work in ${path}: stop it, or name another directory as sandbox.state_dir`);
    this.#unlock = unlock;
    this.#endStrays();
    for (const name of ["stage", "boxes", "skeletons"]) {
      mkdirSync(join(path, name), { recursive: true });
      // Whatever the umask: the boxes' ids must get through.
      chmodSync(join(path, name), 0o711);
    }
  }

  /** All boxes mount their writable layer over this directory, each seeing only its own. */
  get stage(): string {
    return join(this.path, "stage");
  }

  get skeletons(): string {
    return join(this.path, "skeletons");
  }

  /** Notes a box on disk, so that a later factory finds it if this one is killed. */
  note(pid: number): void {
    writeFileSync(join(this.path, "boxes", String(pid)), identityOf(pid) ?? "");
  }

  /** The box is gone. */
  forget(pid: number): void {
    rmSync(join(this.path, "boxes", String(pid)), { force: true });
  }

  /**
   * A copy of the agent that the boxes can reach. The copy is kept while the original is the same, and the original may be
   * replaced while boxes run.
   */
  agent(original: string): string {
    const { size, mtimeMs } = statSync(original);
    const copy = join(this.path, `agent-${size}-${Math.floor(mtimeMs)}`);
    if (existsSync(copy)) return copy;
    for (const name of readdirSync(this.path)) if (name.startsWith("agent-")) rmSync(join(this.path, name));
    copyFileSync(original, `${copy}.new`, constants.COPYFILE_FICLONE);
    chmodSync(`${copy}.new`, 0o755);
    renameSync(`${copy}.new`, copy);
    return copy;
  }

  /** Deletes the directory; every skeleton must be gone, since their files belong to others. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    this.#unlock();
  }

  /** Gives the directory up without having worked in it: what an earlier factory left stays for the next one. */
  release(): void {
    if (readdirSync(this.skeletons).length === 0) this.remove();
    else this.#unlock();
  }

  /** Boxes die with their factory; this finds one that was just being made when the factory was killed. */
  #endStrays(): void {
    const notes = join(this.path, "boxes");
    if (!existsSync(notes)) return;
    for (const name of readdirSync(notes)) {
      const file = join(notes, name);
      if (endIfStill(Number(name), readFileSync(file, "utf8")))
        this.#logger.warn("ended a box that an earlier factory left", { pid: Number(name) });
      rmSync(file);
    }
  }
}

/** Kills the process if it is still the one with that identity. */
function endIfStill(pid: number, identity: string): boolean {
  if (identityOf(pid) !== identity) return false;
  const held = holdProcess(pid);
  // Held now; if it is still the same one, it cannot become another.
  const killed = identityOf(pid) === identity && held.signal(9);
  held.close();
  return killed;
}
