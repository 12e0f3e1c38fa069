import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { codeOf, Explained } from "../errors.ts";

/** A file of a backup, by its path there. `sha256`: hex. */
export interface BackedUp {
  path: string;
  size: number;
  sha256: string;
}

/** Of which server it is. */
export type Format = "buildomat backup" | "wollongong backup";

/** First line of a manifest; one line for each file follows. */
interface Head {
  format: Format;
  version: 1;
  /** RFC 3339. */
  time: string;
  state_only?: boolean;
}

const NAME = "manifest.jsonl";

/** Lists what is in a backup. It comes into being when it is complete: a directory without one is no backup. */
export async function writeManifest(
  dir: string,
  { format, ...about }: Omit<Head, "version">,
  files: Iterable<BackedUp>,
): Promise<void> {
  const temporary = join(dir, `${NAME}.new`);
  const out = createWriteStream(temporary, { mode: 0o600 });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  out.once("close", resolve).once("error", reject);
  for (const line of [{ format, version: 1, ...about } satisfies Head, ...files]) out.write(`${JSON.stringify(line)}\n`);
  out.end();
  await promise;
  await rename(temporary, join(dir, NAME));
}

/** @throws Explained for a directory that is no complete backup */
export async function* readManifest(dir: string, format: Format): AsyncGenerator<BackedUp> {
  const file = join(dir, NAME);
  if (!existsSync(file)) throw new Explained(`${dir} is no complete backup: it has no ${NAME}`);
  let head: Head | undefined;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (head) yield JSON.parse(line);
    else head = JSON.parse(line) as Head;
    if (head?.format !== format || head.version !== 1)
      throw new Explained(`${file} is no manifest of a ${format}, or was written by a newer program`);
  }
}

export async function describeFile(dir: string, path: string): Promise<BackedUp> {
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  for await (const piece of Bun.file(join(dir, path)).stream()) {
    hasher.update(piece);
    size += piece.byteLength;
  }
  return { path, size, sha256: hasher.digest("hex") };
}

/** Gives a file that is never changed again a second name, or copies it. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rm(to, { force: true });
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw error;
    await copyFile(from, to);
  }
}
