import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline/promises";
import { parse, stringify } from "smol-toml";
import { Client } from "../../core/client/client.ts";
import { UsageError } from "../../core/common/command/failure.ts";
import { defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { checkUrl, configFile } from "../profile.ts";

export default defineCommand({
  options: {
    url: { value: "URL", about: "where the core is; asked for unless given" },
    name: { short: "n", value: "PROFILE", about: "name of the profile (default: default)" },
  },
  help: [
    "Asks for the address of a core and a user's token, looks whether they work, and writes them to the configuration file.",
    "Where there is no terminal, the token is the first line of standard input.",
  ].join("\n"),
  async run(context, _, { url: given, name = "default" }) {
    const url = checkUrl(given ?? (await ask("URL of the core", "http://127.0.0.1:9979")), "--url");
    const secret = await askSecret(context);
    if (secret === "") throw new UsageError("the token is empty");
    const user = await new Client({ world: context.world, url, token: secret }).call("whoami", {});
    const file = configFile(context.env);
    writeProfile(file, name, { url, secret });
    const said = `you are ${user.name} at ${url}; written to [profile.${name}] of ${file}`;
    await (context.json ? context.out.json({ id: user.id, name: user.name, url, file }) : context.out.line(said));
  },
});

async function ask(what: string, usual: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError("--url is required where there is no terminal");
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = (await reader.question(`${what} [${usual}]: `)).trim();
  reader.close();
  return answer || usual;
}

/** The token is not shown while it is typed. */
async function askSecret({ out }: Context): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) return ((await Bun.stdin.text()).split("\n")[0] ?? "").trim();
  out.draw("Token: ");
  stdin.setRawMode(true);
  let text = "";
  try {
    for await (const bytes of stdin) {
      for (const key of String(bytes)) {
        if (key === "\r" || key === "\n") return text.trim();
        if (key === "\u0003") throw new UsageError("nothing was written");
        text = key === "\u007f" ? text.slice(0, -1) : text + key;
      }
    }
  } finally {
    stdin.setRawMode(false);
    out.draw("\n");
  }
  return text.trim();
}

/** What else is in the file stays; its comments do not. */
function writeProfile(file: string, name: string, entry: { url: string; secret: string }): void {
  const before = existsSync(file) ? (parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
  const profiles = (before["profile"] ?? {}) as Record<string, object>;
  const after = { ...before, profile: { ...profiles, [name]: { ...profiles[name], ...entry } } };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${stringify(after)}\n`, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}
