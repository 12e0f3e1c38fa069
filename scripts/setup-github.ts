import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Client } from "../core/client/client.ts";
import { Explained, reasonOf } from "../core/common/errors.ts";
import { newToken, realWorld } from "../core/common/world.ts";
import { askConsent } from "../wollongong/setup/consent.ts";
import { newCoreUser } from "../wollongong/setup/core-user.ts";
import { refuseToOverwrite, writeSettings } from "../wollongong/setup/files.ts";
import { manifestOf } from "../wollongong/setup/manifest.ts";
import { claimApp } from "../wollongong/setup/new-app.ts";

const USAGE = `Usage: scripts/setup-github [OPTIONS]

Makes a GitHub App, and a user of the core for it, and writes etc/app.toml and etc/privkey.pem. What it needs and is not told,
it asks.

    --base-url URL       where GitHub and people reach wollongong-server, as https://ci.example.com
    --core-url URL       where the core is
    --admin-token TOKEN  of the core, as in its server.toml; asked, it stays out of the list of processes
    --name NAME          of the App: unique on all of GitHub, and made up unless told
    --org NAME           an organisation that is to own the App; otherwise you do
    --web-url URL        of GitHub Enterprise (default https://github.com)
    --api-url URL        of its API (default https://api.github.com, or /api/v3 below --web-url)
    --listen HOST:PORT   where GitHub sends your browser back to (default 0.0.0.0:4021)
    --dir DIR            where etc/ is made (default: the directory this is called in)
`;

const GITHUB = "https://github.com";
const SAID = { type: "string" } as const;

async function main(argv: string[]): Promise<void> {
  const values = optionsOf(argv);
  if (values.help) return void process.stdout.write(USAGE);
  const dir = resolve(values.dir);
  refuseToOverwrite(dir);
  const web = address("--web-url", values["web-url"]);
  const api = address("--api-url", values["api-url"] ?? (web === GITHUB ? "https://api.github.com" : `${web}/api/v3`));
  const world = realWorld();
  const ask = questions();
  const base = address("base URL", values["base-url"] ?? (await ask("Where GitHub and people reach wollongong-server (URL): ")));
  const url = address("core", values["core-url"] ?? (await ask("Where the core is (URL): ")));
  const token = values["admin-token"] ?? (await ask("Admin token of the core: "));
  const admin = new Client({ world, url, token });
  // Better known before there is an App.
  await admin.call("users_list", {}).catch((cause: unknown) => {
    throw new Explained(`the core at ${url} does not take this token: ${reasonOf(cause)}`, { cause });
  });
  const account = values.org === undefined ? "/settings" : `/organizations/${encodeURIComponent(values.org)}/settings`;
  const name = values.name ?? `buildomat-${newToken(world, 8).toLowerCase()}`;
  const place = { ...listening(values.listen), base };
  const code = await consent({ ...place, newApp: `${web}${account}/apps/new`, manifest: manifestOf(name, base) });
  const user = await newCoreUser(admin, world);
  const app = await claimApp(world, api, code);
  writeSettings(dir, { app, base, core: { url, token: user.token }, github: { api, web } });
  console.log(`
The App "${app.slug}" is made, and ${user.name} is its user in the core. In ${dir} there are

  etc/app.toml     its configuration; allow_owners names whose repositories are served: ${app.owner.login}
  etc/privkey.pem  its key, which GitHub does not show again

Start wollongong-server in ${dir}, then install the App on the repositories that are to be checked:

  ${web}${account}/apps/${app.slug}/installations`);
}

function optionsOf(args: string[]) {
  return parseArgs({
    args,
    options: {
      "base-url": SAID,
      "core-url": SAID,
      "admin-token": SAID,
      name: SAID,
      org: SAID,
      "web-url": { ...SAID, default: GITHUB },
      "api-url": SAID,
      listen: { ...SAID, default: "0.0.0.0:4021" },
      dir: { ...SAID, default: "." },
      help: { type: "boolean", default: false },
    },
  }).values;
}

interface Place {
  hostname: string;
  port: number;
}

/** Sends a person to GitHub and waits until they are back. @returns the code that they come back with */
async function consent({ base, ...asked }: Place & { newApp: string; manifest: object; base: string }): Promise<string> {
  const secret = newToken(realWorld(), 64);
  using consent = askConsent({ ...asked, secret });
  console.log(`
Open this address, by which GitHub must send your browser back too:

  ${base}/__setup?key=${secret}

(listening on ${asked.hostname}:${consent.port})`);
  return await consent.code;
}

/** @throws TypeError */
function address(what: string, text: string): string {
  const url = text.trim().replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url))
    throw new TypeError(`${what}: "${text}" does not begin with http:// or https://`);
  return url;
}

/** @throws TypeError */
function listening(text: string): Place {
  const [, hostname = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (!hostname || Number(port) > 65535) throw new TypeError(`--listen: "${text}" is no HOST:PORT`);
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Answers are lines of the standard input, also when it is a file. */
function questions(): (question: string) => Promise<string> {
  const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  return async (question) => {
    process.stdout.write(question);
    const { value, done } = await answers.next();
    if (done) throw new Explained("there is no answer: give it as an option (see --help)");
    return value.trim();
  };
}

process.exit(
  await main(process.argv.slice(2)).then(
    () => 0,
    (error: unknown) => {
      const usage = error instanceof TypeError;
      process.stderr.write(`scripts/setup-github: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
      return usage ? 2 : 1;
    },
  ),
);
