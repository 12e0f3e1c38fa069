import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { type Disk, realDisk } from "../core/common/disk.ts";
import { codeOf } from "../core/common/errors.ts";
import { BadPattern, patternRegex } from "../core/common/pattern.ts";

/** What an expansion came across and left out, in words for the job's owner. */
export type Skipped = (message: string) => void;

/** The pattern of an output rule, to look for files with. */
export class Glob {
  readonly #components: Component[];
  readonly #whole: RegExp;

  /** @throws BadPattern */
  constructor(pattern: string) {
    if (!pattern.startsWith("/")) throw new BadPattern(`${pattern} is not an absolute path`);
    this.#whole = patternRegex(pattern);
    this.#components = pattern
      .split("/")
      .filter((part) => part !== "")
      .map(componentOf);
  }

  /** Whether the pattern fits a path as one string, in which a slash is a character like any other. */
  matches(path: string): boolean {
    return this.#whole.test(path);
  }

  /**
   * The paths that exist and that the pattern names, component by component, in byte order.
   *
   * @throws the file system's error where a directory must be listed and cannot be
   */
  async expand(skipped: Skipped, disk: Disk = realDisk): Promise<string[]> {
    let places = [""];
    for (const component of this.#components) {
      const found: string[][] = [];
      for (const place of places) found.push(await component.of(place, skipped));
      places = found.flat();
    }
    const named = [...new Set(places)].filter((place) => place !== "");
    if (this.#components.at(-1)?.lists) return named;
    const existing: string[] = [];
    for (const place of named) if (await exists(disk, place)) existing.push(place);
    return existing;
  }
}

/** One component of a pattern. */
interface Component {
  /** It reads directories, so that what it names exists. */
  lists: boolean;
  /** The paths that it makes of a place; "" is the root. */
  of(place: string, skipped: Skipped): Promise<string[]>;
}

function componentOf(part: string): Component {
  if (part === "**") return { lists: true, of: everyDirectory };
  if (!/[*?[]/.test(part)) return { lists: false, of: async (place) => [`${place}/${part}`] };
  const fits = patternRegex(part);
  const of = async (place: string, skipped: Skipped) => {
    const names = (await list(place, skipped)).map(({ name }) => name).filter((name) => fits.test(name));
    return names.sort(byBytes).map((name) => `${place}/${name}`);
  };
  return { lists: true, of };
}

/** The place itself and all directories below, also through symbolic links, each entered once. */
async function everyDirectory(place: string, skipped: Skipped): Promise<string[]> {
  const found: string[] = [];
  const entered = new Set<string>();
  const enter = async (directory: string, below: string[], links: string[]) => {
    const id = await directoryId(directory);
    if (id === undefined || entered.has(id)) return;
    entered.add(id);
    found.push(directory);
    for (const entry of await list(directory, skipped)) {
      if (entry.isDirectory()) below.push(`${directory}/${entry.name}`);
      if (entry.isSymbolicLink()) links.push(`${directory}/${entry.name}`);
    }
  };
  // Links wait, so that what lies here is entered by its own name.
  for (let left = [place]; left.length > 0; ) {
    const links: string[] = [];
    for (let next = left.pop(); next !== undefined; next = left.pop()) await enter(next, left, links);
    left = links.sort(byBytes).reverse();
  }
  return found.sort(byBytes);
}

/** What is in a directory; nothing where there is none. */
async function list(place: string, skipped: Skipped): Promise<Dirent[]> {
  const directory = place || "/";
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    if (!entries.some(({ name }) => name.includes("\ufffd"))) return entries;
    // Either somebody likes that character, or a name is not UTF-8 and was made fit.
    const names = new Set(
      (await readdir(directory, { encoding: "buffer" })).map((name) => (isUtf8(name) ? name.toString() : "")),
    );
    return entries.filter(({ name }) => {
      if (!names.has(name)) skipped(`${directory}/${name} is left out: its name is not UTF-8`);
      return names.has(name);
    });
  } catch (error) {
    if (NO_DIRECTORY.has(codeOf(error) ?? "")) return [];
    throw error;
  }
}

const NO_DIRECTORY = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** Tells directories apart, however they were reached; undefined for anything else. */
async function directoryId(path: string): Promise<string | undefined> {
  const at = await stat(path || "/").catch(() => undefined);
  return at?.isDirectory() ? `${at.dev}:${at.ino}` : undefined;
}

const exists = (disk: Disk, path: string): Promise<boolean> =>
  disk.lstat(path).then(
    () => true,
    () => false,
  );

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
