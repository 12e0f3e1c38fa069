import { parse, TomlError } from "smol-toml";

export interface Toolchain {
  channel: string;
  profile: string;
}

/** A rust-toolchain.toml that does not say which toolchain to install. */
export class BadToolchain extends Error {}

const FILE = "rust-toolchain.toml";

/**
 * What the job asks for, rust-toolchain.toml being read where its `rust_toolchain` is true.
 *
 * @param read the text of the file of that name in the sources, undefined where there is none
 * @throws BadToolchain
 */
export function toolchainOf(wanted: string | boolean, read: () => string | undefined): Toolchain | undefined {
  if (wanted === false) return undefined;
  if (typeof wanted === "string") return { channel: wanted, profile: "default" };
  const text = read();
  if (text === undefined) throw new BadToolchain(`rust_toolchain = true, but there is no ${FILE}: add one, or name a toolchain`);
  return parseToolchain(text);
}

function parseToolchain(text: string): Toolchain {
  if (/^\s*[\w.-]+\s*$/.test(text))
    throw new BadToolchain(`${FILE} is in the old format of one word: write [toolchain], channel = "${text.trim()}"`);
  const { toolchain } = parsed(text);
  if (typeof toolchain !== "object" || toolchain === null) throw new BadToolchain(`${FILE} has no table [toolchain]`);
  const { channel, profile = "default", path } = toolchain as Record<string, unknown>;
  if (path !== undefined) throw new BadToolchain(`${FILE} names a path, which no other machine has: name a channel`);
  if (typeof channel !== "string" || channel === "") throw new BadToolchain(`${FILE} names no channel: channel = "stable"`);
  if (typeof profile !== "string") throw new BadToolchain(`${FILE}: expected the profile to be a string`);
  return { channel, profile };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new BadToolchain(`${FILE}:${error.line}: this is not TOML`, { cause: error });
  }
}
