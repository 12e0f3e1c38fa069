import type { OpenFile } from "../common/disk.ts";

const PIECE = 1024 * 1024;

/** Gives a file, or the bytes `from` to `to` of it, piece by piece; reads the next while `use` works on the one before. */
export async function eachPiece(
  handle: OpenFile,
  use: (piece: Uint8Array) => void | Promise<void>,
  { from = 0, to = Number.POSITIVE_INFINITY }: { from?: number; to?: number } = {},
): Promise<void> {
  const buffers = [new Uint8Array(PIECE), new Uint8Array(PIECE)] as const;
  let at = from;
  let current: 0 | 1 = 0;
  const read = () => handle.read(buffers[current], 0, Math.min(PIECE, to - at), at);
  let next = read();
  for (;;) {
    const { bytesRead } = await next;
    if (bytesRead === 0) return;
    const piece = buffers[current].subarray(0, bytesRead);
    at += bytesRead;
    current = current === 0 ? 1 : 0;
    next = read();
    try {
      await use(piece);
    } catch (error) {
      await next; // The file must not be closed under it.
      throw error;
    }
  }
}
