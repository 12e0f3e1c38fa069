import { createHmac, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { silent } from "../core/common/logger.ts";
import { realWorld, type World } from "../core/common/world.ts";
import type { FakeGitHub } from "../test/fake/github/fake.ts";
import { Config } from "./config.ts";
import { type Server, startServer } from "./server.ts";

export const WEBHOOK_SECRET = "a webhook secret for tests";

export interface TestWollongong extends Server {
  readonly dir: string;
  /** Sends a webhook as GitHub would. */
  send(event: string, payload: object | string, headers?: Record<string, string>): Promise<Response>;
  /** The same data directory served by a new server, as after a restart. */
  restart(): Promise<TestWollongong>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestOptions {
  /** Top-level keys of app.toml. */
  config?: Record<string, unknown>;
  world?: World;
  /** PEM; made unless told. */
  privateKey?: string;
}

/** A real server on a free port with a fresh data directory. Nobody answers where GitHub and the core should be, unless told. */
export async function testWollongong({
  config = {},
  world = realWorld(),
  privateKey,
}: TestOptions = {}): Promise<TestWollongong> {
  const dir = mkdtempSync(join(tmpdir(), "wollongong-"));
  writeFileSync(join(dir, "privkey.pem"), privateKey ?? anyKey(), { mode: 0o600 });
  return await serveIn(dir, config, world);
}

let key: string | undefined;

/** As GitHub gives it (PKCS#1). Made once: that takes its time. */
function anyKey(): string {
  key ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  return key;
}

async function serveIn(dir: string, changes: Record<string, unknown>, world: World): Promise<TestWollongong> {
  const nobody = "http://127.0.0.1:9";
  const config = Value.Decode(
    Config,
    Value.Default(Config, {
      id: 1,
      webhook_secret: WEBHOOK_SECRET,
      base_url: "http://wollongong.test",
      confroot: ".github/buildomat",
      allow_owners: ["acme"],
      listen: "127.0.0.1:0",
      data: dir,
      private_key: join(dir, "privkey.pem"),
      buildomat: { url: nobody, token: "none" },
      github: { api_url: nobody, web_url: nobody },
      ...changes,
    }),
  );
  const server = await startServer(config, { world, logger: silent });
  return {
    ...server,
    dir,
    async send(event, payload, headers = {}) {
      const body = typeof payload === "string" ? payload : JSON.stringify(payload);
      return await fetch(`${server.url}/webhook`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "x-github-event": event,
          "x-github-delivery": crypto.randomUUID(),
          "x-hub-signature-256": signed(body),
          ...headers,
        },
      });
    },
    async restart() {
      await server.stop();
      return await serveIn(dir, changes, world);
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** An app.toml for a server, or a tool, in a process of its own. */
export const appToml = (github: FakeGitHub, core: { url: string; token: string }, dir: string, privateKey: string): string =>
  `id = ${github.app.id}
webhook_secret = "${github.webhookSecret}"
base_url = "http://wollongong.test"
confroot = ".github/buildomat"
allow_owners = ["acme"]
listen = "127.0.0.1:0"
data = "${dir}"
private_key = "${privateKey}"
buildomat = { url = "${core.url}", token = "${core.token}" }
github = { api_url = "${github.apiUrl}", web_url = "${github.url}" }
`;

export const signed = (body: string | Uint8Array, secret = WEBHOOK_SECRET): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
