import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Explained } from "../../core/common/errors.ts";
import type { World } from "../../core/common/world.ts";

const KEY = 32;
const NONCE = 12;

/** Encrypts values under a key that is in a file of its own: the database alone, or a copy of it, tells nothing. AES-256-GCM. */
export class Vault {
  readonly #file: string;
  readonly #world: World;
  #key: Promise<CryptoKey> | undefined;

  /** @param file of the key */
  constructor(file: string, world: World) {
    this.#file = file;
    this.#world = world;
  }

  /** Makes the key, for its owner alone, where there is none. Where values are encrypted already, it would be a wrong one. */
  ensureKey(): void {
    if (!existsSync(this.#file)) writeFileSync(this.#file, this.#world.random(KEY), { mode: 0o600, flag: "wx" });
  }

  /** @param purpose what the value is for: it can be decrypted for the same purpose alone @returns base64 @throws Explained without the key */
  async seal(value: string, purpose: string): Promise<string> {
    const iv = Uint8Array.from(this.#world.random(NONCE));
    const sealed = await crypto.subtle.encrypt(algorithm(iv, purpose), await this.#load(), Buffer.from(value));
    return Buffer.concat([iv, new Uint8Array(sealed)]).toString("base64");
  }

  /** @throws Explained when the key is not the one under which it was encrypted */
  async open(sealed: string, purpose: string): Promise<string> {
    const bytes = Uint8Array.from(Buffer.from(sealed, "base64"));
    try {
      const value = await crypto.subtle.decrypt(
        algorithm(bytes.subarray(0, NONCE), purpose),
        await this.#load(),
        bytes.subarray(NONCE),
      );
      return Buffer.from(value).toString();
    } catch (cause) {
      if (cause instanceof Explained) throw cause;
      throw new Explained(`a secret cannot be decrypted: is ${this.#file} the key that it was set with?`, { cause });
    }
  }

  #load(): Promise<CryptoKey> {
    this.#key ??= this.#read();
    return this.#key;
  }

  async #read(): Promise<CryptoKey> {
    if (!existsSync(this.#file))
      throw new Explained(`the key of the secrets, ${this.#file}, is missing: put your copy of it there`);
    const bytes = Uint8Array.from(readFileSync(this.#file));
    if (bytes.length !== KEY) throw new Explained(`${this.#file} is not a key: it must have ${KEY} bytes`);
    return await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  }
}

const algorithm = (iv: Uint8Array<ArrayBuffer>, purpose: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: Buffer.from(purpose),
});
