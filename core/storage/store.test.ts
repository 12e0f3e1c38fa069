import { describe, expect, test } from "bun:test";
import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectoryStore } from "./directory.ts";
import { aBucket } from "./fixture/bucket.ts";
import { NoSuchObject, type ObjectStore } from "./object-store.ts";
import { S3Store } from "./s3.ts";

const scratch = () => mkdtempSync(join(tmpdir(), "store-"));

function aFile(content: string | Uint8Array): string {
  const file = join(scratch(), "file");
  writeFileSync(file, content);
  return file;
}

const bytesOf = async (pieces: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(pieces));
const textOf = async (pieces: AsyncIterable<Uint8Array>) => (await bytesOf(pieces)).toString();

const STORES: [string, () => Promise<AsyncDisposable & { store: ObjectStore }>][] = [
  ["a directory", async () => ({ store: new DirectoryStore(join(scratch(), "objects")), [Symbol.asyncDispose]: async () => {} })],
  [
    "S3",
    async () => {
      const bucket = await aBucket();
      return { store: new S3Store(bucket.config), [Symbol.asyncDispose]: () => bucket[Symbol.asyncDispose]() };
    },
  ],
];

describe.each(STORES)("%s", (_name, open) => {
  test("keeps objects, whole and in parts, until they are deleted", async () => {
    await using opened = await open();
    const { store } = opened;
    expect(await store.head("a/b")).toBeUndefined();
    await store.put("a/b", aFile("0123456789"));
    expect(await store.head("a/b")).toEqual({ size: 10 });
    expect(await textOf(store.get("a/b"))).toBe("0123456789");
    expect(await textOf(store.get("a/b", { first: 3, last: 5 }))).toBe("345");
    await store.put("a/b", aFile("another"));
    expect(await textOf(store.get("a/b"))).toBe("another");
    await store.put("a/empty", aFile(""));
    expect(await store.head("a/empty")).toEqual({ size: 0 });
    await store.delete("a/b");
    await store.delete("a/b");
    expect(await store.head("a/b")).toBeUndefined();
    expect(textOf(store.get("a/b"))).rejects.toBeInstanceOf(NoSuchObject);
  });

  test("lists what is under a prefix, however much", async () => {
    await using opened = await open();
    const { store } = opened;
    const file = aFile("x");
    const keys = ["job/1/a.json", "job/1/b.json", "job/2/c.json", "log/1/a"];
    for (const key of keys) await store.put(key, file);
    const list = async (prefix: string) => (await Array.fromAsync(store.list(prefix))).map(({ key }) => key).sort();
    expect(await list("job/")).toEqual(keys.slice(0, 3));
    expect(await list("")).toEqual(keys);
    expect(await list("nothing/")).toEqual([]);
  });

  test("knows no key that leads out of it", async () => {
    await using opened = await open();
    for (const key of ["../a", "a/../b", "/a", "a//b", "", ".", "a/"])
      expect(opened.store.put(key, aFile("x"))).rejects.toThrow("not the key of an object");
  });
});

test("a directory shares the bytes of a file that lies on the same file system", async () => {
  const dir = scratch();
  const file = join(dir, "file");
  writeFileSync(file, "bytes");
  const store = new DirectoryStore(join(dir, "objects"));
  await store.put("a", file);
  await store.put("a", file);
  expect(statSync(store.path("a")).ino).toBe(statSync(file).ino);
  expect(await Array.fromAsync(store.list(""))).toEqual([{ key: "a", size: 5 }]);
});

test("S3 gets a large object in parts, a small one at once", async () => {
  await using bucket = await aBucket();
  const store = new S3Store(bucket.config);
  const bytes = new Uint8Array(65 * 1024 * 1024).fill(7);
  await store.put("small", aFile(bytes.subarray(0, 1024 * 1024)));
  expect(bucket.requests.splice(0)).toEqual(["PUT small"]);
  await store.put("large", aFile(bytes));
  expect(bucket.requests.filter((request) => request === "PUT large").length).toBeGreaterThan(1);
  expect(await store.head("large")).toEqual({ size: bytes.byteLength });
  expect(Bun.hash(await bytesOf(store.get("large")))).toBe(Bun.hash(bytes));
});

test("S3 hands out URLs that need no token, unless it must not", async () => {
  await using bucket = await aBucket();
  const store = new S3Store(bucket.config);
  await store.put("a", aFile("bytes"));
  const answer = await fetch((await store.presign("a", { expires: 60, type: "text/plain", disposition: "inline" })) ?? "");
  expect(await answer.text()).toBe("bytes");
  expect(answer.headers.get("content-type")).toBe("text/plain");
  expect(answer.headers.get("content-disposition")).toBe("inline");
  expect(await new S3Store({ ...bucket.config, presign: false }).presign("a", { expires: 60 })).toBeUndefined();
});
