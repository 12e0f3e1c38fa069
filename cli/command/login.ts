import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse, stringify } from "smol-toml";
import { Client } from "../../core/client/client.ts";
import { CallFailed } from "../../core/client/failure.ts";
import { EXIT, Exit, UsageError } from "../../core/common/command/failure.ts";
import { Asking } from "../ask.ts";
import { defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { explain } from "../explain.ts";
import { checkUrl, configFile, profileName, readAuthority } from "../profile.ts";

export default defineCommand({
  options: {
    url: { value: "URL", about: "where the core is; asked for unless given" },
    ca: { value: "FILE", about: "PEM of who signed the core's certificate, where the system does not know" },
  },
  help: [
    "Asks for the address of a core and a token, looks whether they work, and writes them to the configuration file. The token",
    "is a user's, or the core's admin token, which goes beside it. Where there is no terminal, it is the first line of",
    "standard input. With --profile, that profile is written, otherwise the one that is used where none is named.",
  ].join("\n"),
  async run(context, _, { url: given, ca: authority }) {
    const name = profileName(context.env, context.wantedProfile, context.out.note);
    const ca = authority === undefined ? undefined : resolve(authority);
    const pem = ca === undefined ? undefined : readAuthority(ca, "--ca");
    const { url, token } = await answers(context, given === undefined ? undefined : checkUrl(given, "--url"));
    if (token === "") throw new UsageError("no token: it is asked for, or the first line of standard input");
    const { json, out, world } = context;
    const user = await whoIs(new Client({ world, url, token, ...(pem === undefined ? {} : { ca: pem }) }));
    const file = configFile(context.env);
    const entry = { url, [user ? "secret" : "admin_token"]: token, ...(ca === undefined ? {} : { ca }) };
    writeProfile(file, name, entry);
    if (json) return await out.json({ id: user?.id ?? null, name: user?.name ?? null, url, file });
    const who = user ? `you are ${user.name}` : "you have the admin token";
    await out.line(`${who} at ${url}; written to [profile.${name}] of ${file}`);
    if (!user)
      await out.line("jobs belong to users: `buildomat admin user create NAME` makes one, whose token goes beside this one");
  },
});

/** The user that the token belongs to; undefined for the admin token. @throws Exit in words for the person who typed it */
async function whoIs(client: Client): Promise<{ id: string; name: string } | undefined> {
  try {
    return await client.call("whoami", {});
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const admin = error.status === 401 && (await client.call("users_list", { query: {} }).catch(() => undefined));
    if (admin) return undefined;
    const { url, token: value = "" } = client.options;
    const caller = { url, token: { value, from: "what you gave" }, admin: true };
    throw new Exit(EXIT.server, `Error: ${explain(error, caller)}\nnothing was written`);
  }
}

const USUAL = "http://127.0.0.1:9979";

/** What is not given is asked for, where there is somebody to ask. @throws UsageError */
async function answers({ out }: Context, given: string | undefined): Promise<{ url: string; token: string }> {
  if (!process.stdin.isTTY) {
    if (given === undefined) throw new UsageError("--url is required where there is no terminal");
    return { url: given, token: ((await Bun.stdin.text()).split("\n")[0] ?? "").trim() };
  }
  using asking = new Asking(out);
  const url = given ?? checkUrl((await asking.line(`URL of the core [${USUAL}]: `, { shown: true })) || USUAL, "URL");
  return { url, token: await asking.line("Token (it is not shown): ", { shown: false }) };
}

/** What else is in the file stays; its comments do not. */
function writeProfile(file: string, name: string, entry: Record<string, string>): void {
  const before = existsSync(file) ? (parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
  const profiles = (before["profile"] ?? {}) as Record<string, object>;
  const after = { ...before, profile: { ...profiles, [name]: { ...profiles[name], ...entry } } };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${stringify(after)}\n`, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}
