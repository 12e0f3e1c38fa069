import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { reasonOf } from "../common/errors.ts";
import type { StorageConfig } from "./config.ts";
import { aBucket } from "./fixture/bucket.ts";
import { Objects } from "./objects.ts";

const sha256 = (text: string) => Bun.CryptoHasher.hash("sha256", text, "hex");
/** `rejects` would wait without letting the thread answer. */
const failure = async (work: Promise<unknown>) => await work.then(() => "it worked", reasonOf);

const contentOf = (text: string) => ({ size: text.length, sha256: sha256(text) });

function someObjects(config: StorageConfig, data = mkdtempSync(join(tmpdir(), "objects-")), world = manualWorld()) {
  return { objects: new Objects({ config, data, world }), data, world };
}

function aFile(data: string, text: string): string {
  const file = join(data, "file");
  writeFileSync(file, text);
  return file;
}

describe("what goes to the store", () => {
  test("is read back, and refused when it is not what it should be", async () => {
    await using bucket = await aBucket();
    const { objects, data } = someObjects({ s3: bucket.config, cache_mb: 1 });
    const file = aFile(data, "bytes");
    expect(await objects.putFile("a", file, contentOf("bytes"))).toEqual(contentOf("bytes"));
    expect(bucket.requests).toContain("GET a");
    expect(await failure(objects.putFile("b", file, { size: 5, sha256: sha256("other") }))).toContain("has the SHA-256");
    expect(await failure(objects.putFile("b", file, { size: 6, sha256: sha256("bytes") }))).toContain("has 5 bytes, not 6");
    expect(await failure(objects.putFile("b", join(data, "nowhere"), contentOf("bytes")))).toContain("nowhere");
    objects.close();
  });
});

test("a store that says nothing is given up, and holds up nobody for ever", async () => {
  const silence = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Promise<Response>(() => {}) });
  const s3 = { bucket: "bucket", endpoint: `http://127.0.0.1:${silence.port}`, region: "x", prefix: "", presign: true };
  const config = { s3: { ...s3, access_key_id: "a", secret_access_key: "b" }, cache_mb: 1 };
  const { objects, world } = someObjects(config);
  const waiting = Array.from({ length: 5 }, (_, i) => failure(objects.putText(`${i}`, "text")));
  waiting.push(failure(objects.readRange({ key: "a", name: "a", content: contentOf("text") }, { first: 0, last: 1 })));
  await world.advance(3 * 3_600_000);
  for (const reason of await Promise.all(waiting)) expect(reason).toContain("was not done within 10 m");
  objects.close();
  await silence.stop(true);
});

describe("what comes from the store", () => {
  test("is fetched once, however many ask, and then read here", async () => {
    await using bucket = await aBucket();
    const { objects } = someObjects({ s3: bucket.config, cache_mb: 1 });
    const content = await objects.putText("a", "some text");
    bucket.requests.splice(0);
    const wanted = { key: "a", name: "a", content };
    const held = await Promise.all([objects.hold(wanted), objects.hold(wanted), objects.hold(wanted)]);
    expect(await Bun.file(held[0].path).text()).toBe("some text");
    expect(bucket.requests).toEqual(["GET a"]);
    objects.close();
  });

  test("is not shown when it was spoilt", async () => {
    await using bucket = await aBucket();
    const { objects } = someObjects({ s3: bucket.config, cache_mb: 1 });
    await objects.putText("a", "spoilt");
    expect(await failure(objects.hold({ key: "a", name: "a", content: contentOf("genuin") }))).toContain("has the SHA-256");
    expect(await failure(objects.hold({ key: "b", name: "b", content: contentOf("b") }))).toContain("there is no object b");
    objects.close();
  });

  test("makes way when it was not read for a while, but not while it is held", async () => {
    await using bucket = await aBucket();
    const { objects, data, world } = someObjects({ s3: bucket.config, cache_mb: 1 });
    const text = "x".repeat(600_000);
    const content = await objects.putText("a", text);
    for (const key of ["b", "c"]) await objects.putText(key, text);
    const hold = (key: string) => objects.hold({ key, name: key, content });
    const a = await hold("a");
    (await hold("b"))[Symbol.dispose]();
    await world.advance(61_000);
    (await hold("c"))[Symbol.dispose]();
    expect(["a", "b", "c"].map((name) => existsSync(join(data, "cache", name)))).toEqual([true, false, true]);
    a[Symbol.dispose]();
    // What another process left is known to the next one, and makes way although the clock had been ahead.
    const { objects: next } = someObjects({ s3: bucket.config, cache_mb: 1 }, data, world);
    expect(next.cache.size).toBe(1_200_000);
    (await next.hold({ key: "b", name: "b", content }))[Symbol.dispose]();
    expect(next.cache.size).toBe(600_000);
    objects.close();
    next.close();
  });

  test("is fetched again where somebody has emptied the cache", async () => {
    await using bucket = await aBucket();
    const { objects, data } = someObjects({ s3: bucket.config, cache_mb: 1 });
    const content = await objects.putText("a", "some text");
    const wanted = { key: "a", name: "a", content };
    (await objects.hold(wanted))[Symbol.dispose]();
    rmSync(join(data, "cache"), { recursive: true });
    expect(await Bun.file((await objects.hold(wanted)).path).text()).toBe("some text");
    objects.close();
  });

  test("is whole in the cache also when a fetch that was given up goes on beside the next one", async () => {
    const [half, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const text = "the first half, and the second half";
    let gets = 0;
    const slow = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => {
        if (++gets > 1) return new Promise<Response>(() => half.resolve());
        const body = async function* () {
          yield Buffer.from(text.slice(0, 15));
          await rest.promise;
          yield Buffer.from(text.slice(15));
        };
        return new Response(body() as unknown as ReadableStream);
      },
    });
    const s3 = { bucket: "bucket", endpoint: slow.url.href, region: "x", prefix: "", presign: true };
    const config = { s3: { ...s3, access_key_id: "a", secret_access_key: "b" }, cache_mb: 1 };
    const { objects, data, world } = someObjects(config);
    const wanted = { key: "a", name: "a", content: contentOf(text) };
    const first = failure(objects.hold(wanted));
    while (!readdirSync(join(data, "cache")).some((name) => Bun.file(join(data, "cache", name)).size > 0)) await Bun.sleep(5);
    await world.advance(3_600_000);
    expect(await first).toContain("was not done within");
    const second = failure(objects.hold(wanted));
    await half.promise;
    rest.resolve();
    while (!existsSync(join(data, "cache", "a"))) await Bun.sleep(5);
    objects.close();
    await second;
    const again = someObjects(config, data, world);
    expect(await Bun.file((await again.objects.hold(wanted)).path).text()).toBe(text);
    again.objects.close();
    await slow.stop(true);
  });

  test("is not what a directory has if that has lost some of it", async () => {
    const { objects, data } = someObjects({ cache_mb: 1 });
    const content = await objects.putText("a", "some text");
    const wanted = { key: "a", name: "a", content };
    expect(await Bun.file((await objects.hold(wanted)).path).text()).toBe("some text");
    writeFileSync(join(data, "objects", "a"), "some");
    expect(await failure(objects.hold(wanted))).toContain("object a has 4 bytes, not 9");
    rmSync(join(data, "objects", "a"));
    expect(await failure(objects.hold(wanted))).toContain("there is no object a");
    objects.close();
  });

  test("a few bytes are read without the rest", async () => {
    await using bucket = await aBucket();
    const { objects } = someObjects({ s3: bucket.config, cache_mb: 1 });
    const content = await objects.putText("a", "0123456789");
    const bytes = await objects.readRange({ key: "a", name: "a", content }, { first: 2, last: 4 });
    expect(new TextDecoder().decode(bytes)).toBe("234");
    expect(objects.cache.size).toBe(0);
    objects.close();
  });
});
