import { monotonicFactory } from "ulid";
import { type Disk, realDisk } from "./disk.ts";

/** What a module may want of the outside world. Programs hand in `realWorld()`; tests and the simulator their own. */
export interface World {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** A new ULID. Those made in the same millisecond ascend too, so that paging by id never misses a late one. */
  id(): string;
  random(bytes: number): Uint8Array;
  /** Resolves after `ms`, or at once when `signal` fires. Never rejects: the caller looks at the signal itself. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once after `ms`. Returns the function that takes it back. */
  after(ms: number, fn: () => void): () => void;
  fetch(url: string, init?: FetchInit): Promise<Response>;
  readonly disk: Disk;
}

/** `unix`: path of a socket to go through instead of TCP. `tls.ca`: PEM of the authority to trust beside the system's. */
export interface FetchInit extends RequestInit {
  unix?: string;
  tls?: { ca?: string };
}

export function realWorld(): World {
  const next = monotonicFactory();
  return {
    now: Date.now,
    id: () => next(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    sleep,
    after: (ms, fn) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
    fetch: (url, init) => fetch(url, init),
    disk: realDisk,
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A secret of `length` characters from `[A-Za-z0-9]`, each equally likely. */
export function newToken(world: World, length: number): string {
  let token = "";
  while (token.length < length) {
    // Bytes from 248 up would favour the first letters.
    for (const byte of world.random(length)) if (byte < 248 && token.length < length) token += ALPHANUMERIC[byte % 62];
  }
  return token;
}
