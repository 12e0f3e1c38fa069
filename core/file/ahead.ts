import { open } from "node:fs/promises";
import { eachPiece } from "./pieces.ts";

/** The hash of the first `at` bytes of a file. */
export interface Begun {
  hasher: Bun.CryptoHasher;
  at: number;
}

/** Hash what there is of a file that is still being written, and bring it to the disk. */
export interface AheadTask {
  part: string;
  upTo: number;
}

/** Hashes begun while the rest of the file is under way, so that little is left to do once it is complete. */
export class Ahead {
  readonly #begun = new Map<string, Promise<Begun>>();

  async advance({ part, upTo }: AheadTask): Promise<void> {
    const before = this.#begun.get(part) ?? Promise.resolve({ hasher: new Bun.CryptoHasher("sha256"), at: 0 });
    const begun = before.then((state) => hashUpTo(part, state, upTo));
    this.#begun.set(part, begun);
    await begun;
  }

  /** Hands over what was begun. */
  async take(part: string): Promise<Begun | undefined> {
    const begun = this.#begun.get(part);
    this.#begun.delete(part);
    // A failure was reported by `advance`; the file is then read from its start, and fails again if it must.
    return await begun?.catch(() => undefined);
  }
}

async function hashUpTo(part: string, { hasher, at }: Begun, upTo: number): Promise<Begun> {
  const handle = await open(part, "r");
  try {
    await Promise.all([handle.datasync(), eachPiece(handle, (piece) => void hasher.update(piece), { from: at, to: upTo })]);
    return { hasher, at: upTo };
  } finally {
    await handle.close();
  }
}
