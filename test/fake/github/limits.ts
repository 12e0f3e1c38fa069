import type { Caller } from "./credentials.ts";

export interface Rate {
  limit: number;
  remaining: number;
  /** Seconds since the epoch. */
  reset: number;
  used: number;
}

const HOUR = 60 * 60;

/** How many calls each caller has left, as every answer of GitHub says. */
export class Limits {
  /** Calls an hour. */
  limit = 5000;
  readonly #used = new Map<string, { count: number; reset: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  of(caller: Caller): Rate {
    const { count, reset } = this.#window(caller);
    return { limit: this.limit, remaining: Math.max(0, this.limit - count), reset, used: Math.min(count, this.limit) };
  }

  /** Counts a call. @returns false when there are none left */
  take(caller: Caller): boolean {
    const window = this.#window(caller);
    window.count += 1;
    return window.count <= this.limit;
  }

  #window(caller: Caller) {
    const key = name(caller);
    const now = Math.floor(this.#now() / 1000);
    const known = this.#used.get(key);
    if (known && known.reset > now) return known;
    const fresh = { count: 0, reset: now + HOUR };
    this.#used.set(key, fresh);
    return fresh;
  }
}

function name(caller: Caller): string {
  if (caller.kind === "installation") return `installation ${caller.installation.id}`;
  return caller.kind === "user" ? `user ${caller.account.id}` : caller.kind;
}

export const rateHeaders = ({ limit, remaining, reset, used }: Rate): Record<string, string> => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset": String(reset),
  "x-ratelimit-used": String(used),
  "x-ratelimit-resource": "core",
});
