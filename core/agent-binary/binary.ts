import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { Refused } from "../common/refused.ts";

export interface Download {
  path: string;
  /** SHA-256 of the bytes that are served, hex. */
  sha256: string;
}

/** The compiled agent that new machines download, and its compressed form, which is made when it is first asked for. */
export class AgentBinary {
  readonly #path: string | undefined;
  readonly #dir: string;
  #plain: { changed: number; download: Promise<Download> } | undefined;
  #compressed: { of: string; download: Promise<Download> } | undefined;

  /** @param path undefined: this server has no agent to give away @param dir where the compressed form is kept */
  constructor(path: string | undefined, dir: string) {
    this.#path = path;
    this.#dir = dir;
  }

  /** @throws Refused 404 where there is none */
  async plain(): Promise<Download> {
    const path = this.#path;
    if (!path || !existsSync(path))
      throw new Refused(404, "this server has no agent to give away: set general.agent in its configuration");
    const { mtimeMs } = await stat(path);
    if (this.#plain?.changed !== mtimeMs) this.#plain = { changed: mtimeMs, download: hashed(path) };
    return await this.#plain.download;
  }

  /** @throws Refused 404 where there is none */
  async compressed(): Promise<Download> {
    const plain = await this.plain();
    if (this.#compressed?.of !== plain.sha256) {
      const download = this.#compress(plain).catch((error: unknown) => {
        this.#compressed = undefined;
        throw error;
      });
      this.#compressed = { of: plain.sha256, download };
    }
    return await this.#compressed.download;
  }

  async #compress({ path, sha256 }: Download): Promise<Download> {
    const to = join(this.#dir, `${sha256}.gz`);
    if (!existsSync(to)) {
      rmSync(this.#dir, { recursive: true, force: true });
      mkdirSync(this.#dir, { recursive: true });
      const partial = `${to}.part`;
      await pipeline(createReadStream(path), createGzip({ level: constants.Z_BEST_SPEED }), createWriteStream(partial));
      renameSync(partial, to);
    }
    return await hashed(to);
  }
}

async function hashed(path: string): Promise<Download> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return { path, sha256: hash.digest("hex") };
}
