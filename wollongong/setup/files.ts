import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Explained } from "../../core/common/errors.ts";
import type { NewApp } from "./new-app.ts";

export interface Settings {
  app: NewApp;
  /** External URL of this server. */
  base: string;
  core: { url: string; token: string };
  github: { api: string; web: string };
}

const filesIn = (dir: string) => ({ config: join(dir, "etc/app.toml"), key: join(dir, "etc/privkey.pem") });

/** @throws Explained where there is an App already: its key cannot be had again */
export function refuseToOverwrite(dir: string): void {
  for (const file of Object.values(filesIn(dir)))
    if (existsSync(file))
      throw new Explained(`${file} is there already: this App is set up. Move it away, or choose another directory with --dir`);
}

/** Writes etc/app.toml and etc/privkey.pem, for nobody else to read. */
export function writeSettings(dir: string, { app, base, core, github }: Settings): void {
  const { config, key } = filesIn(dir);
  mkdirSync(join(dir, "etc"), { recursive: true, mode: 0o700 });
  const text = `# The GitHub App ${app.slug}; docs/github.md explains every key.
id = ${app.id}
webhook_secret = ${JSON.stringify(app.webhook_secret)}
base_url = ${JSON.stringify(base)}
confroot = ".github/buildomat"
allow_owners = [${JSON.stringify(app.owner.login)}]

[buildomat]
url = ${JSON.stringify(core.url)}
token = ${JSON.stringify(core.token)}

[github]
api_url = ${JSON.stringify(github.api)}
web_url = ${JSON.stringify(github.web)}

[sqlite]
`;
  for (const [file, content] of [
    [key, app.pem],
    [config, text],
  ] as const)
    writeFileSync(file, content, { mode: 0o600, flag: "wx" });
}
