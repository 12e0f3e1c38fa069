const ULID = /[0-7][0-9A-HJKMNP-TV-Z]{25}/g;
/** Ids, tokens and places in lists: what each server makes up for itself. */
const OWN = /^([0-7][0-9A-HJKMNP-TV-Z]{25}|[A-Za-z0-9]{48}|[A-Za-z0-9]{64}|eyJ[\w-]+=*)$/;

/** What the original called by one id or token, and this core by another. */
export class Ids {
  readonly #here = new Map<string, string>();

  /** Takes note of what stands in an answer in the place of something of the original's. */
  learn(there: unknown, here: unknown): void {
    if (typeof there === "string" && typeof here === "string") {
      if (OWN.test(there) && here !== "" && !this.#here.has(there)) this.#here.set(there, here);
    } else if (Array.isArray(there) && Array.isArray(here)) {
      for (const [at, item] of there.entries()) this.learn(item, here[at]);
    } else if (isObject(there) && isObject(here)) {
      for (const [key, value] of Object.entries(there)) this.learn(value, here[key]);
    }
  }

  /** A value of the original's in the words of this core. */
  translate<T>(value: T): T;
  translate(value: unknown): unknown {
    if (typeof value === "string") return this.#here.get(value) ?? value.replace(ULID, (id) => this.#here.get(id) ?? id);
    if (Array.isArray(value)) return value.map((item: unknown) => this.translate(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.translate(item)]));
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
