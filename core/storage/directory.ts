import { constants } from "node:fs";
import { copyFile, link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf } from "../common/errors.ts";
import { sync } from "../common/sync.ts";
import { missing, type ObjectEntry, type ObjectRange, type ObjectStore, piecesOf, requireKey } from "./object-store.ts";

/** An object that is on its way in; a process that was killed may have left it. */
const UNFINISHED = ".new";

/** Objects as files of one directory, by their keys. A file of the same file system is not copied but gets a second name. */
export class DirectoryStore implements ObjectStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async put(key: string, file: string): Promise<void> {
    const to = this.path(key);
    const temporary = `${to}${UNFINISHED}`;
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rm(temporary, { force: true });
    await linkOrCopy(file, temporary);
    await sync(temporary);
    await rename(temporary, to);
    // Two names of one file are not renamed into one.
    await rm(temporary, { force: true });
    await sync(dirname(to));
  }

  get(key: string, range?: ObjectRange): AsyncIterable<Uint8Array> {
    const file = Bun.file(this.path(key));
    const wanted = range ? file.slice(range.first, range.last + 1) : file;
    return piecesOf(
      () => wanted.stream(),
      (error) => (codeOf(error) === "ENOENT" ? missing(key, error) : error),
    );
  }

  async head(key: string): Promise<{ size: number } | undefined> {
    try {
      return { size: (await stat(this.path(key))).size };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.path(key), { force: true });
  }

  async *list(prefix: string): AsyncGenerator<ObjectEntry> {
    for (const entry of await entriesOf(join(this.#dir, prefix))) {
      const key = `${prefix}${entry.name}`;
      if (entry.isDirectory()) yield* this.list(`${key}/`);
      else if (!entry.name.endsWith(UNFINISHED)) yield { key, size: (await stat(this.path(key))).size };
    }
  }

  async presign(): Promise<undefined> {}

  path(key: string): string {
    return join(this.#dir, requireKey(key));
  }
}

async function linkOrCopy(file: string, to: string): Promise<void> {
  try {
    await link(file, to);
  } catch (error) {
    // Another file system, one without links, or a file of somebody else.
    if (!["EXDEV", "EPERM", "EOPNOTSUPP", "EMLINK"].includes(codeOf(error) ?? "")) throw error;
    await copyFile(file, to, constants.COPYFILE_EXCL);
  }
}

async function entriesOf(dir: string) {
  try {
    return (await readdir(dir, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
