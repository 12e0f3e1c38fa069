import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { agentFor, architectureFromMachine } from "../common/agent-program.ts";
import { Refused } from "../common/refused.ts";

export interface Download {
  path: string;
  /** SHA-256 of the bytes that are served, hex. */
  sha256: string;
}

/** The compiled agents that new machines download: one for each architecture. */
export class AgentBinaries {
  readonly #all: ReadonlyMap<string, AgentBinary>;

  /** @param paths of the agents, as far as there are any @param dir where their compressed forms are kept */
  constructor(paths: readonly string[], dir: string) {
    this.#all = new Map(paths.map((path, at) => [path, new AgentBinary(path, join(dir, String(at)))]));
  }

  /** @param machine as `uname -m` says it; without it, the first. @throws Refused 404 where there is none for it */
  of(machine: string | undefined): AgentBinary {
    const there = [...this.#all.keys()].filter((path) => existsSync(path));
    if (there.length === 0)
      throw new Refused(404, "this server has no agent to give away: set general.agent in its configuration");
    const architecture = machine === undefined ? undefined : (architectureFromMachine(machine) ?? machine);
    const path = architecture === undefined ? there[0] : agentFor(architecture, there);
    const binary = path === undefined ? undefined : this.#all.get(path);
    if (!binary) throw new Refused(404, `this server has no agent for ${machine}: add one to general.agent in its configuration`);
    return binary;
  }
}

/** One agent, and its compressed form, which is made when it is first asked for. */
class AgentBinary {
  readonly #path: string;
  readonly #dir: string;
  #plain: { changed: number; download: Promise<Download> } | undefined;
  #compressed: { of: string; download: Promise<Download> } | undefined;

  constructor(path: string, dir: string) {
    this.#path = path;
    this.#dir = dir;
  }

  async plain(): Promise<Download> {
    const { mtimeMs } = await stat(this.#path);
    if (this.#plain?.changed !== mtimeMs) this.#plain = { changed: mtimeMs, download: hashed(this.#path) };
    return await this.#plain.download;
  }

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
