import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { parse } from "smol-toml";
import { UsageError } from "../core/common/command/failure.ts";
import { codeOf, reasonOf } from "../core/common/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Token {
  value: string;
  /** Where it stands, for who must mend it: `secret in [profile.home] of FILE`. */
  from: string;
}

/** Whom to speak to, and as whom. */
export interface Profile {
  /** Undefined: all of it came from the environment. */
  name: string | undefined;
  url: string;
  /** Of a user; undefined where there is the admin token alone. */
  secret: Token | undefined;
  adminToken: Token | undefined;
  /** PEM of the authority that signed the core's certificate. */
  ca: string | undefined;
}

/** Unknown keys are let pass: the file may be shared with other versions. */
const Entry = Type.Object({
  url: Type.Optional(Type.String()),
  secret: Type.Optional(Type.String()),
  admin_token: Type.Optional(Type.String()),
  ca: Type.Optional(Type.String()),
});
const File = Type.Object({
  default_profile: Type.Optional(Type.String()),
  profile: Type.Optional(Type.Record(Type.String(), Entry)),
});

export const configFile = (env: Environment): string =>
  env["BUILDOMAT_CONFIG"] ||
  join(
    env["XDG_CONFIG_HOME"] ||
      join(env["HOME"] || homedir(), process.platform === "darwin" ? "Library/Application Support" : ".config"),
    "buildomat",
    "config.toml",
  );

/**
 * Finds the profile to use: `$INPUT_URL` and `$INPUT_SECRET` alone if both are there, as a GitHub action sets them;
 * otherwise the one named `wanted`, `$BUILDOMAT_PROFILE`, `default_profile` or `default`, with `$INPUT_*` over its keys.
 *
 * @throws UsageError
 */
export function loadProfile(env: Environment, wanted: string | undefined, warn: (text: string) => void): Profile {
  const { INPUT_URL: url } = env;
  const given = { secret: variable(env, "INPUT_SECRET"), adminToken: variable(env, "INPUT_ADMIN_TOKEN") };
  if (url && given.secret) {
    return { name: undefined, url: checkUrl(url, "$INPUT_URL"), ...given, ca: undefined };
  }
  const file = configFile(env);
  const config = readConfig(file, warn);
  const [name, source] = chosen(env, wanted, config);
  const entry = Object.hasOwn(config.profile ?? {}, name) ? config.profile?.[name] : undefined;
  if (!entry) throw new UsageError(`there is no profile "${name}" (${source}) in ${file}${known(config)}`);
  const where = `[profile.${name}] of ${file}`;
  const token = (key: "secret" | "admin_token") => (entry[key] ? { value: entry[key], from: `${key} in ${where}` } : undefined);
  const secret = given.secret ?? token("secret");
  const adminToken = given.adminToken ?? token("admin_token");
  if (!secret && !adminToken) lacks(where, 'secret = "the token of a user"');
  return {
    name,
    url: checkUrl(url || entry.url || lacks(where, 'url = "http://127.0.0.1:9979"'), where),
    secret,
    adminToken,
    ca: entry.ca === undefined ? undefined : readAuthority(entry.ca, where),
  };
}

const variable = (env: Environment, name: string): Token | undefined =>
  env[name] ? { value: env[name], from: `$${name}` } : undefined;

/** The profile that would be used, whether it is there or not. @throws UsageError for a file that cannot be read */
export function profileName(env: Environment, wanted: string | undefined, warn: (text: string) => void): string {
  const file = configFile(env);
  return chosen(env, wanted, existsSync(file) ? readConfig(file, warn) : {})[0];
}

function chosen(env: Environment, wanted: string | undefined, config: Static<typeof File>): [name: string, source: string] {
  if (wanted) return [wanted, "asked for by --profile"];
  if (env["BUILDOMAT_PROFILE"]) return [env["BUILDOMAT_PROFILE"], "asked for by $BUILDOMAT_PROFILE"];
  if (config.default_profile) return [config.default_profile, "its default_profile"];
  return ["default", "used when none is named"];
}

function readConfig(file: string, warn: (text: string) => void): Static<typeof File> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
    if ((statSync(file).mode & 0o077) !== 0) warn(`warning: others can read the tokens in ${file}: chmod 600 ${file}`);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw new UsageError(noConfig(file), { cause: error });
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
  const raw = parseToml(text, file);
  const wrong = Value.Errors(File, raw).First();
  if (wrong) throw new UsageError(`${file}: ${wrong.path.slice(1).replaceAll("/", ".")}: ${wrong.message.toLowerCase()}`);
  return Value.Decode(File, raw);
}

const noConfig = (file: string) =>
  [
    `there is no ${file}, which says where the core is. \`buildomat login\` asks for it and writes the file:`,
    "",
    "    [profile.default]",
    '    url = "http://127.0.0.1:9979"',
    '    secret = "the token that `buildomat admin user create NAME` printed"',
    "",
    "or set $INPUT_URL and $INPUT_SECRET, or name another file in $BUILDOMAT_CONFIG",
  ].join("\n");

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not TOML: ${reasonOf(error).split("\n")[0]}`, { cause: error });
  }
}

function known({ profile }: Static<typeof File>): string {
  const names = Object.keys(profile ?? {});
  return names.length === 0 ? ": it has none" : `; it has ${names.join(", ")}`;
}

function lacks(where: string, line: string): never {
  throw new UsageError(`${where} lacks ${line}`);
}

/** @param where to say where it stands @throws UsageError */
export function checkUrl(url: string, where: string): string {
  if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return url.replace(/\/+$/, "");
  throw new UsageError(`${where}: "${url}" is not the address of a core: expected http://... or https://...`);
}

/** @throws UsageError */
export function readAuthority(file: string, where: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${where}: cannot read the certificate authority ${file}: ${reasonOf(error)}`, { cause: error });
  }
}
