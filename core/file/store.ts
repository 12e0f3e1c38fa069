import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "../common/errors.ts";

/** How an uploaded file becomes a stored one; the work of the thread `store.thread.ts`. */
export interface StoreTask {
  /** Where it is stored. */
  to: string;
  size: number;
  /** What the client says; absent in the original protocol. */
  sha256: string | undefined;
  /** The file that was written in place; it stays, as a second name of the stored one. */
  part?: string;
  /** Or chunks to join, in order, with the names that their owner knows them by. */
  chunks?: readonly { id: string; path: string }[];
}

export type StoreResult = { sha256: string } | { problem: string };

const PIECE = 1024 * 1024;

/**
 * Checks size and hash of an upload and stores it, durably: once this has returned, a power cut does not take it away.
 * A problem that its owner should know of is told in words; nothing is stored then.
 */
export async function storeFile(task: StoreTask): Promise<StoreResult> {
  try {
    const sha256 = task.part === undefined ? await join(task) : await verify(task, task.part);
    await syncDirectory(dirname(task.to));
    return { sha256 };
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message };
    if (codeOf(error) === "ENOSPC") return { problem: "no space is left on the server's disk" };
    throw error;
  }
}

class Problem extends Error {}

async function verify({ to, size, sha256 }: StoreTask, part: string): Promise<string> {
  const handle = await openUpload(part, "nothing was uploaded for this file");
  try {
    const { size: real } = await handle.stat();
    if (real !== size) throw new Problem(`expected ${size} bytes, the uploaded chunks end at ${real}`);
    const hasher = new Bun.CryptoHasher("sha256");
    // The disk and the hash do not wait for each other.
    await Promise.all([handle.sync(), eachPiece(handle, (piece) => void hasher.update(piece))]);
    const real256 = compare(hasher, sha256);
    await link(part, to);
    return real256;
  } finally {
    await handle.close();
  }
}

async function join({ to, size, sha256, chunks = [] }: StoreTask): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  const temporary = `${to}.new`;
  const out = await open(temporary, "w");
  try {
    let written = 0;
    for (const { id, path } of chunks) {
      const chunk = await openUpload(path, `there is no chunk ${id}`);
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
    await rename(temporary, to);
    return real256;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await out.close();
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

/** Reads the next piece while `use` works on the one before. */
async function eachPiece(handle: Handle, use: (piece: Uint8Array) => void | Promise<void>): Promise<void> {
  const buffers = [new Uint8Array(PIECE), new Uint8Array(PIECE)] as const;
  const read = (n: 0 | 1) => handle.read(buffers[n], 0, PIECE, null);
  let current: 0 | 1 = 0;
  let next = read(current);
  for (;;) {
    const { bytesRead } = await next;
    if (bytesRead === 0) return;
    const piece = buffers[current].subarray(0, bytesRead);
    current = current === 0 ? 1 : 0;
    next = read(current);
    try {
      await use(piece);
    } catch (error) {
      await next;
      throw error;
    }
  }
}

async function openUpload(path: string, missing: string): Promise<Handle> {
  try {
    return await open(path, "r");
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
async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
