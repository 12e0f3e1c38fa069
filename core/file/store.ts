import { dirname } from "node:path";
import { type Disk, type OpenFile, realDisk } from "../common/disk.ts";
import { isDiskFull } from "../common/disk-full.ts";
import { codeOf } from "../common/errors.ts";
import type { Begun } from "./ahead.ts";
import { eachPiece } from "./pieces.ts";

/** How an uploaded file becomes a stored one; the work of the thread `store.thread.ts`. */
export interface StoreTask {
  /** Where it is stored. */
  to: string;
  size: number;
  /** What the client says; absent in the original protocol. */
  sha256: string | undefined;
  /** The file that was written in place; it stays, as a second name of the stored one. */
  part?: string;
  /** Do not trust a hash of it that was begun: what it was of has changed. */
  fresh?: boolean;
  /** Or chunks to join, in order, with the names that their owner knows them by. */
  chunks?: readonly { id: string; path: string }[];
}

/** `full`: there was no space for it, and the same task succeeds once there is. */
export type StoreResult = { sha256: string } | { problem: string } | { full: true };

/**
 * Checks size and hash of an upload and stores it, durably: once this has returned, a power cut does not take it away.
 * A problem that its owner should know of is told in words; nothing is stored then.
 */
export async function storeFile(task: StoreTask, begun?: Begun, disk: Disk = realDisk): Promise<StoreResult> {
  try {
    const sha256 =
      task.part === undefined ? await join(disk, task) : await verify(disk, task, task.part, task.fresh ? undefined : begun);
    await syncDirectory(disk, dirname(task.to));
    return { sha256 };
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message };
    if (isDiskFull(error)) return { full: true };
    throw error;
  }
}

class Problem extends Error {}

async function verify(disk: Disk, { to, size, sha256 }: StoreTask, part: string, begun: Begun | undefined): Promise<string> {
  const handle = await openUpload(disk, part, "nothing was uploaded for this file");
  try {
    const { size: real } = await handle.stat();
    if (real !== size) throw new Problem(`expected ${size} bytes, the uploaded chunks end at ${real}`);
    const { hasher, at } = begun ?? { hasher: new Bun.CryptoHasher("sha256"), at: 0 };
    // The disk and the hash do not wait for each other.
    await Promise.all([handle.sync(), eachPiece(handle, (piece) => void hasher.update(piece), { from: at })]);
    const real256 = compare(hasher, sha256);
    await disk.link(part, to);
    return real256;
  } finally {
    await handle.close();
  }
}

async function join(disk: Disk, { to, size, sha256, chunks = [] }: StoreTask): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  const temporary = `${to}.new`;
  const out = await disk.open(temporary, "w");
  try {
    let written = 0;
    for (const { id, path } of chunks) {
      const chunk = await openUpload(disk, path, `there is no chunk ${id}`);
      try {
        await eachPiece(chunk, async (piece) => {
          written += piece.byteLength;
          if (written > size) throw new Problem(`expected ${size} bytes, the chunks have more`);
          hasher.update(piece);
          await out.writeFile(piece);
        });
      } finally {
        await chunk.close();
      }
    }
    if (written !== size) throw new Problem(`expected ${size} bytes, the chunks have ${written}`);
    const real256 = compare(hasher, sha256);
    await out.sync();
    await disk.rename(temporary, to);
    return real256;
  } catch (error) {
    await disk.rm(temporary, { force: true });
    throw error;
  } finally {
    await out.close();
  }
}

async function openUpload(disk: Disk, path: string, missing: string): Promise<OpenFile> {
  try {
    return await disk.open(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw new Problem(missing);
    throw error;
  }
}

function compare(hasher: Bun.CryptoHasher, expected: string | undefined): string {
  const real = hasher.digest("hex");
  if (expected !== undefined && expected.toLowerCase() !== real)
    throw new Problem(`the uploaded bytes have the SHA-256 ${real}, not ${expected}`);
  return real;
}

/** The name is on disk only when the directory is. */
async function syncDirectory(disk: Disk, dir: string): Promise<void> {
  const handle = await disk.open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
