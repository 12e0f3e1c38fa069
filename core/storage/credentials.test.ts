import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Config } from "./config.ts";
import { aBucket } from "./fixture/bucket.ts";
import { S3Store } from "./s3.ts";

const MINUTE = 60_000;
/** Where the SDK looks; what the host of the tests has must not be found. */
const SOURCES = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  AWS_EC2_METADATA_DISABLED: "true",
};

function setEnvironment(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
}

/** A bucket, and a host whose role gives credentials for so many ms: as the agent of a container does, a new session each time. */
async function aRole(lasting: number) {
  const bucket = await aBucket();
  let given = 0;
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      Response.json({
        AccessKeyId: bucket.config.access_key_id,
        SecretAccessKey: bucket.config.secret_access_key,
        Token: `session-${++given}`,
        Expiration: new Date(Date.now() + lasting).toISOString(),
      }),
  });
  const here = { ...SOURCES, AWS_CONTAINER_CREDENTIALS_FULL_URI: service.url.href };
  const before = Object.fromEntries(Object.keys(here).map((name) => [name, process.env[name]]));
  setEnvironment(here);
  const { access_key_id: _, secret_access_key: __, ...config } = bucket.config;
  return {
    bucket,
    config,
    async [Symbol.asyncDispose]() {
      setEnvironment(before);
      await service.stop(true);
      await bucket[Symbol.asyncDispose]();
    },
  };
}

function aFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "credentials-")), "file");
  writeFileSync(file, text);
  return file;
}

const textOf = async (pieces: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(pieces)).toString();

test("without a key, objects are kept with the credentials of the host's role", async () => {
  await using role = await aRole(60 * MINUTE);
  const store = new S3Store(role.config);
  await store.put("a/b", aFile("bytes"));
  expect(await textOf(store.get("a/b"))).toBe("bytes");
  expect(await store.head("a/b")).toEqual({ size: 5 });
  expect(await Array.fromAsync(store.list("a/"))).toEqual([{ key: "a/b", size: 5 }]);
  await store.delete("a/b");
  expect([...role.bucket.sessions]).toEqual(["session-1"]);
});

test("credentials are fetched anew before they end, and then used", async () => {
  // The SDK asks for others when they are good for less than five minutes, and uses them meanwhile.
  await using role = await aRole(2 * MINUTE);
  const store = new S3Store(role.config);
  await store.put("a", aFile("bytes"));
  while (role.bucket.sessions.size < 3) await store.head("a");
  expect([...role.bucket.sessions]).toEqual(["session-1", "session-2", "session-3"]);
});

test("a URL is only handed out if its credentials last as long as it does", async () => {
  await using role = await aRole(60 * MINUTE);
  const store = new S3Store(role.config);
  await store.put("a", aFile("bytes"));
  const url = (await store.presign("a", { expires: 600 })) ?? "";
  expect(new URL(url).searchParams.get("X-Amz-Security-Token")).toBe("session-1");
  expect(await (await fetch(url)).text()).toBe("bytes");
  expect(await store.presign("a", { expires: 2 * 3600 })).toBeUndefined();
});

test("the thread that carries objects finds the same credentials", async () => {
  await using role = await aRole(60 * MINUTE);
  const program = join(import.meta.dir, "fixture/carry.ts");
  const { PATH = "", AWS_CONTAINER_CREDENTIALS_FULL_URI: uri = "" } = process.env;
  const child = Bun.spawn([process.execPath, program, JSON.stringify(role.config)], {
    env: { PATH, AWS_CONTAINER_CREDENTIALS_FULL_URI: uri },
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(await new Response(child.stdout).text()).toBe("carried");
  expect([...role.bucket.sessions]).toEqual(["session-1"]);
});

test("a host without any says what to do; half a key is refused", async () => {
  await using role = await aRole(60 * MINUTE);
  setEnvironment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined });
  const nothing = await new S3Store(role.config).head("a").catch((error: unknown) => error);
  expect(String(nothing)).toContain(
    "there are no credentials for S3: give access_key_id and secret_access_key, or the host a role",
  );
  const half: S3Config = { ...role.config, access_key_id: "AKIA" };
  expect(() => new S3Store(half)).toThrow("belong together");
});
