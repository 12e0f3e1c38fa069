import type { OpenFile } from "../common/disk.ts";
import { diskFull } from "../common/disk-full.ts";
import { Refused } from "../common/refused.ts";

/** Pieces of a body are gathered up to so many bytes, or so many pieces, for one write. */
const GATHER = 1024 * 1024;
const MOST_PIECES = 512;

interface WriteOptions {
  /** Offset in the file. */
  at: number;
  /** Most bytes of the body. */
  max: number;
  /** Ends the write half-way. */
  stop?: AbortSignal;
}

/**
 * Writes the body of a request to a file as it arrives and tells its length. The pieces are written by the thread pool, so
 * that a slow disk holds up this upload alone.
 *
 * @throws Refused 413 for a body that is too long, 409 when it was stopped, 507; whatever the stream throws when the client is gone
 */
export async function writeBody(
  handle: OpenFile,
  body: ReadableStream<Uint8Array> | null,
  { at, max, stop }: WriteOptions,
): Promise<number> {
  if (!body) return 0;
  const reader = body.getReader();
  const cancel = () => void reader.cancel();
  stop?.addEventListener("abort", cancel, { once: true });
  let size = 0;
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  const flush = async () => {
    const { bytesWritten } = await handle.writev(pieces, at + size - gathered);
    if (bytesWritten < gathered) throw diskFull(new Error(`only ${bytesWritten} of ${gathered} bytes could be written`));
    pieces = [];
    gathered = 0;
  };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (stop?.aborted) throw new Refused(409, "the file is being committed: it takes no more chunks");
      if (done) break;
      size += value.byteLength;
      if (size > max) throw new Refused(413, `this body may have at most ${max} bytes`);
      pieces.push(value);
      gathered += value.byteLength;
      if (gathered >= GATHER || pieces.length >= MOST_PIECES) await flush();
    }
    if (gathered > 0) await flush();
    return size;
  } catch (error) {
    await reader.cancel().catch(() => {}); // The stream has failed already; what counts is why.
    throw error;
  } finally {
    stop?.removeEventListener("abort", cancel);
  }
}
