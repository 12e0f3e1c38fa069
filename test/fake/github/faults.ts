/** What goes wrong with a call instead of, or after, its being served. */
export type Fault =
  /** 5xx come as HTML, as from the proxies in front of GitHub; others as its JSON. `after`: it has been done all the same. */
  | { status: number; message?: string; after?: boolean }
  /** 403, or 429 where `status` says so; to be tried again after this many seconds. */
  | { limit: "primary" | "secondary"; seconds: number; status?: 403 | 429 }
  /** The connection breaks, before or after it has been done. */
  | { cut: "before" | "after" }
  /** An answer that is no JSON, though it has been done. */
  | "garbled"
  /** It is served late, by this many milliseconds. */
  | { delay: number };

/** A call as a fault chooses it: "POST /repos/o/r/check-runs", or "git /o/r.git/info/refs". A `*` in text stands for anything. */
export type Which = string | RegExp | ((call: string) => boolean);

interface Rule {
  matches: (call: string) => boolean;
  fault: Fault;
  left: number;
}

/** Faults that a test has asked for, in the order asked. */
export class Faults {
  #rules: Rule[] = [];

  /** The next `times` calls of this kind go wrong. */
  add(which: Which, fault: Fault, times = 1): void {
    this.#rules.push({ matches: matcher(which), fault, left: times });
  }

  /** All of this kind go wrong until `clear()`. */
  always(which: Which, fault: Fault): void {
    this.add(which, fault, Number.POSITIVE_INFINITY);
  }

  clear(): void {
    this.#rules = [];
  }

  /** How many faults are still to come. */
  get left(): number {
    return this.#rules.reduce((total, { left }) => total + left, 0);
  }

  take(call: string): Fault | undefined {
    const rule = this.#rules.find(({ matches }) => matches(call));
    if (!rule) return undefined;
    rule.left -= 1;
    if (rule.left <= 0) this.#rules = this.#rules.filter((one) => one !== rule);
    return rule.fault;
  }
}

function matcher(which: Which): (call: string) => boolean {
  if (typeof which === "function") return which;
  if (which instanceof RegExp) return (call) => which.test(call);
  const pattern = which.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  const regexp = new RegExp(`^${pattern.join(".*")}$`);
  return (call) => regexp.test(call);
}
