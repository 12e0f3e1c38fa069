import { heapStats } from "bun:jsc";
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bells } from "../common/bells.ts";
import { silent } from "../common/logger.ts";
import { Refused } from "../common/refused.ts";
import { realWorld } from "../common/world.ts";
import { type Commitment, Commits, type StoredFile, type Storing } from "./commits.ts";
import { Files } from "./files.ts";
import { storeFile } from "./store.ts";

const JOB = "01HZZZZZZZZZZZZZZZZZZZZZZ1";
const COMMIT = "01HZZZZZZZZZZZZZZZZZZZZZZ2";
const never = new AbortController().signal;
const opened: Commits[] = [];

afterEach(() => {
  for (const commits of opened.splice(0)) commits.close();
});

function aStore(dir = mkdtempSync(join(tmpdir(), "files-")), limits = { perFile: 1e6, perJob: 1e7 }, storing?: Storing) {
  const world = realWorld();
  const files = new Files({ dir, world, limits });
  const commits = new Commits({ files, bells: new Bells(), world, logger: silent, storing });
  opened.push(commits);
  const stored: StoredFile[] = [];
  return {
    dir,
    files,
    commits,
    stored,
    chunk: (text: string) => files.putChunk(JOB, new Response(text).body, text.length),
    part: (offset: number, text: string) => commits.putPart(JOB, COMMIT, offset, new Response(text).body, text.length),
    commit: async (what: Partial<Commitment>, onStored = (file: StoredFile) => void stored.push(file)) => {
      commits.start(JOB, COMMIT, { kind: "output", name: "/out", size: 0, chunks: [], ...what }, onStored);
      return await commits.wait(JOB, COMMIT, never);
    },
    content: () => stored.map(({ id }) => readFileSync(files.path(JOB, id), "utf8")),
    names: () => (existsSync(join(dir, "file", JOB)) ? readdirSync(join(dir, "file", JOB)) : []),
  };
}

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

const statusOf = async (work: () => unknown) => {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refused) return error.status;
    throw error;
  }
  throw new Error("was not refused");
};

/** What SQLite throws. */
const sqliteFull = () => Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });

describe("a file for which there is no space", () => {
  test("is refused with 507 and stored by a later call, whether its bytes or its row found none", async () => {
    let full = true;
    const storing: Storing = {
      ask: async (task) => (full ? { full: true } : "to" in task ? await storeFile(task) : undefined),
      close: () => {},
    };
    const store = aStore(undefined, undefined, storing);
    await store.part(0, "hello");
    const what = { size: 5, sha256: sha256("hello") };
    expect(await store.commit(what)).toEqual({ state: "full" });
    expect(await statusOf(() => store.commit(what))).toBe(507);
    full = false;
    const noRow = () => {
      throw sqliteFull();
    };
    expect(await store.commit(what, noRow)).toEqual({ state: "full" });
    expect(await statusOf(() => store.commit(what))).toBe(507);
    expect(await store.commit(what)).toMatchObject({ state: "done" });
    expect(store.content()).toEqual(["hello"]);
    expect(store.names()).toHaveLength(1);
  });
});

describe("a file of chunks", () => {
  test("is joined in the order asked for, chunks may come twice", async () => {
    const store = aStore();
    const [a, b] = [await store.chunk("one "), await store.chunk("two ")];
    const state = await store.commit({ size: 12, chunks: [b, a, b] });
    expect(store.content()).toEqual(["two one two "]);
    expect(state).toEqual({ state: "done", file: { id: store.names()[0] ?? "", size: 12, sha256: sha256("two one two ") } });
  });

  test("may be empty", async () => {
    const store = aStore();
    expect(await store.commit({})).toMatchObject({ state: "done", file: { size: 0, sha256: sha256("") } });
    expect(store.content()).toEqual([""]);
  });

  test.each([
    ["too few bytes", { size: 5 }, "expected 5 bytes, the chunks have 4"],
    ["too many bytes", { size: 3 }, "expected 3 bytes, the chunks have more"],
    [
      "other bytes",
      { size: 4, sha256: sha256("no") },
      `the uploaded bytes have the SHA-256 ${sha256("abcd")}, not ${sha256("no")}`,
    ],
    [
      "a chunk of another job",
      { size: 4, chunks: ["01HZZZZZZZZZZZZZZZZZZZZZZ9"] },
      "there is no chunk 01HZZZZZZZZZZZZZZZZZZZZZZ9",
    ],
  ])("of %s fails and leaves nothing", async (_, what: Partial<Commitment>, error) => {
    const store = aStore();
    const id = await store.chunk("abcd");
    expect(await store.commit({ chunks: [id], ...what })).toEqual({ state: "failed", error });
    expect([store.names(), store.stored]).toEqual([[], []]);
  });
});

describe("a file written in place", () => {
  test("takes its chunks in any order and more than once", async () => {
    const store = aStore();
    await Promise.all([store.part(6, "world"), store.part(0, "hello "), store.part(6, "world")]);
    expect(await store.commit({ size: 11, sha256: sha256("hello world") })).toMatchObject({ state: "done" });
    expect(store.content()).toEqual(["hello world"]);
    expect(store.names()).toHaveLength(1);
  });

  test.each([
    ["is missing its end", [[0, "hell"]], "expected 5 bytes, the uploaded chunks end at 4"],
    ["is longer", [[0, "hello!"]], "expected 5 bytes, the uploaded chunks end at 6"],
    [
      "has a hole",
      [
        [0, "he"],
        [4, "o"],
      ],
      `the uploaded bytes have the SHA-256 ${sha256("he\0\0o")}, not ${sha256("hello")}`,
    ],
    ["never came", [], "nothing was uploaded for this file"],
  ])("that %s fails", async (_, parts, error) => {
    const store = aStore();
    for (const [offset, text] of parts as [number, string][]) await store.part(offset, text);
    expect(await store.commit({ size: 5, sha256: sha256("hello") })).toEqual({ state: "failed", error });
    expect(store.stored).toEqual([]);
  });

  test("needs its hash", async () => {
    expect(await statusOf(() => aStore().commit({ size: 5 }))).toBe(400);
  });

  test("does not change once it is committed", async () => {
    const store = aStore();
    await store.part(0, "hello");
    await store.commit({ size: 5, sha256: sha256("hello") });
    expect(await statusOf(() => store.part(0, "HELLO"))).toBe(409);
    expect(store.content()).toEqual(["hello"]);
  });

  test("is not held up by a chunk that never ends", async () => {
    const store = aStore();
    await store.part(0, "hello");
    const slow = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode("H")) });
    const writing = statusOf(() => store.commits.putPart(JOB, COMMIT, 0, slow));
    expect(await store.commit({ size: 5, sha256: sha256("hello") })).toMatchObject({ state: "done" });
    expect(await writing).toBe(409);
    expect(store.content()).toEqual(["hello"]);
  });

  test("can be large, and its chunks come from the network", async () => {
    const store = aStore(undefined, { perFile: 1e8, perJob: 1e8 });
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async ({ url, body }) => {
        await store.commits.putPart(JOB, COMMIT, Number(new URL(url).searchParams.get("offset")), body);
        return new Response(null, { status: 201 });
      },
    });
    const bytes = new Uint8Array(12_345_678).map((_, i) => (i * 7919) >> 3);
    const starts = [0, 1, 2, 3, 4].map((i) => i * 2_500_000).reverse();
    await Promise.all(
      starts.map((at) => fetch(`${server.url}?offset=${at}`, { method: "POST", body: bytes.slice(at, at + 2_500_000) })),
    );
    const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    expect(await store.commit({ size: bytes.length, sha256: hash })).toMatchObject({ state: "done", file: { sha256: hash } });
    expect(Buffer.compare(readFileSync(store.files.path(JOB, store.stored[0]?.id ?? "")), bytes)).toBe(0);
    await server.stop(true);
  });
});

describe("a file whose hash is begun while it arrives", () => {
  const MiB = 1024 * 1024;
  const piece = (n: number) => new Uint8Array(8 * MiB).fill(n);
  const upload = async (store: ReturnType<typeof aStore>, pieces: readonly [number, number][]) => {
    for (const [at, n] of pieces) await store.commits.putPart(JOB, COMMIT, at * 8 * MiB, new Response(piece(n)).body);
  };
  const hashOf = (pieces: readonly number[]) => {
    const hasher = new Bun.CryptoHasher("sha256");
    for (const n of pieces) hasher.update(piece(n));
    return hasher.digest("hex");
  };
  const roomy = () => aStore(undefined, { perFile: 1e9, perJob: 1e9 });

  test("has the same hash", async () => {
    const store = roomy();
    await upload(store, [
      [1, 1],
      [0, 0],
      [2, 2],
      [4, 4],
      [3, 3],
      [5, 5],
      [6, 6],
      [8, 8],
      [7, 7],
    ]);
    const sha256 = hashOf([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await store.commit({ size: 72 * MiB, sha256 })).toMatchObject({ state: "done", file: { sha256 } });
  });

  test("has that of its last bytes when a part of it was written again", async () => {
    const store = roomy();
    await upload(store, [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [1, 9],
    ]);
    const sha256 = hashOf([0, 9, 2, 3, 4]);
    expect(await store.commit({ size: 40 * MiB, sha256 })).toMatchObject({ state: "done", file: { sha256 } });
  });

  test("fails when it is longer than it should be", async () => {
    const store = roomy();
    await upload(store, [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
    expect(await store.commit({ size: 8 * MiB, sha256: hashOf([0]) })).toMatchObject({ state: "failed" });
  });
});

describe("a repeated commit", () => {
  test("is answered, not done again", async () => {
    const store = aStore();
    const what = { size: 4, chunks: [await store.chunk("abcd")] };
    const first = await store.commit(what);
    expect(await store.commit(what)).toEqual(first);
    expect(store.stored).toHaveLength(1);
  });

  test.each<Partial<Commitment>>([{ kind: "input" }, { name: "/other" }, { size: 5 }, { chunks: [] }, { sha256: "x" }])(
    "with other arguments is refused: %p",
    async (other) => {
      const store = aStore();
      const what = { size: 4, chunks: [await store.chunk("abcd")] };
      await store.commit(what);
      expect(await statusOf(() => store.commit({ ...what, ...other }))).toBe(400);
    },
  );

  test("starts again after a restart at any point", async () => {
    const dir = mkdtempSync(join(tmpdir(), "files-"));
    await aStore(dir).part(0, "hel");
    await aStore(dir).part(3, "lo");
    const what = { size: 5, sha256: sha256("hello") };
    const killed = aStore(dir);
    // The process ends when the file has its name, but is not recorded.
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    killed.commits.start(JOB, COMMIT, { kind: "output", name: "/out", chunks: [], ...what }, () => {
      stop();
      throw new Error("killed");
    });
    await stopped;
    const store = aStore(dir);
    store.files.sweep([{ id: JOB, active: true }], () => false);
    expect(await store.commit(what)).toMatchObject({ state: "done" });
    expect(store.content()).toEqual(["hello"]);
  });
});

test("what the recording of a file throws is the commit's error, and the file goes", async () => {
  const store = aStore();
  const state = await store.commit({ size: 4, chunks: [await store.chunk("abcd")] }, () => {
    throw new Refused(409, "job is over");
  });
  expect(state).toEqual({ state: "failed", error: "job is over" });
  expect(store.names()).toEqual([]);
});

test("what is remembered of a commit does not grow with its list of chunks", async () => {
  const store = aStore();
  const chunks = Array.from({ length: 20_000 }, () => "01HZZZZZZZZZZZZZZZZZZZZZZ9");
  const start = (n: number) => {
    const id = `01HZZZZZZZZZZZZZZZZZZZZ${String(n).padStart(3, "0")}`;
    store.commits.start(JOB, id, { kind: "output", name: "/out", size: 1, chunks }, () => {});
    return store.commits.wait(JOB, id, never);
  };
  const heap = () => {
    Bun.gc(true);
    return heapStats().heapSize;
  };
  await start(0);
  const before = heap();
  for (let n = 1; n <= 30; n++) await start(n);
  expect(heap() - before).toBeLessThan(5e6);
});

test("pending commits are counted until they are through", async () => {
  const store = aStore();
  const ids = Array.from({ length: 20 }, (_, i) => `01HZZZZZZZZZZZZZZZZZZZZZ${String(i).padStart(2, "0")}`);
  for (const id of ids) store.commits.start(JOB, id, { kind: "output", name: `/${id}`, size: 0, chunks: [] }, () => {});
  expect(store.commits.pending(JOB)).toBe(20);
  for (const id of ids) expect(await store.commits.wait(JOB, id, never)).toMatchObject({ state: "done" });
  expect([store.commits.pending(JOB), store.commits.pending("another")]).toEqual([0, 0]);
});

test("a wait ends when the caller has gone", async () => {
  const store = aStore();
  store.commits.start(JOB, COMMIT, { kind: "output", name: "/out", size: 0, chunks: [] }, () => {});
  expect(await store.commits.wait(JOB, COMMIT, AbortSignal.abort())).toEqual({ state: "pending" });
  expect(await store.commits.wait(JOB, "01HZZZZZZZZZZZZZZZZZZZZZZ0", never)).toBeUndefined();
});

describe("limits", () => {
  test("of one file", async () => {
    const store = aStore(undefined, { perFile: 10, perJob: 1000 });
    expect(await statusOf(() => store.commit({ size: 11, sha256: sha256("") }))).toBe(400);
    expect(await statusOf(() => store.part(8, "abc"))).toBe(413);
    const unsized = () => store.commits.putPart(JOB, COMMIT, 8, new Response("abc").body);
    expect(await statusOf(unsized)).toBe(413);
  });

  test("of one job, also after a restart; what is repeated counts once", async () => {
    const store = aStore(undefined, { perFile: 100, perJob: 10 });
    await store.chunk("12345");
    await store.part(0, "123");
    await store.part(0, "123");
    const again = aStore(store.dir, store.files.limits);
    expect(await statusOf(() => again.chunk("123"))).toBe(413);
    await again.chunk("12");
    again.files.discard(JOB);
    await again.chunk("1234567890");
  });

  test("of one job hold for a file that was written in place once, not twice", async () => {
    const store = aStore(undefined, { perFile: 100, perJob: 10 });
    await store.part(0, "1234567");
    expect(await store.commit({ size: 7, sha256: sha256("1234567") })).toMatchObject({ state: "done" });
    expect(await statusOf(() => store.chunk("1234"))).toBe(413);
    await store.chunk("123");
  });

  test("of one job hold for bodies that do not tell their length", async () => {
    const store = aStore(undefined, { perFile: 100, perJob: 150 });
    const unsized = (commit: string) => store.commits.putPart(JOB, commit, 0, new Response("x".repeat(90)).body);
    await unsized(COMMIT);
    expect(await statusOf(() => unsized("01HZZZZZZZZZZZZZZZZZZZZZZ3"))).toBe(413);
    expect(store.names()).toEqual([`${COMMIT}.part`]);
  });

  test("of one chunk", async () => {
    const store = aStore(undefined, { perFile: 1e9, perJob: 1e9 });
    const large = new Uint8Array(10 * 1024 * 1024 + 1);
    expect(await statusOf(() => store.files.putChunk(JOB, new Response(large).body, undefined))).toBe(413);
    expect(readdirSync(join(store.dir, "chunk", JOB))).toEqual([]);
  });
});

test("a broken upload leaves no chunk", async () => {
  const store = aStore();
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("connection reset")) });
  await expect(store.files.putChunk(JOB, broken, 5)).rejects.toThrow("connection reset");
  expect(readdirSync(join(store.dir, "chunk", JOB))).toEqual([]);
});

describe("cleaning", () => {
  const aJobWithEverything = async () => {
    const store = aStore();
    await store.commit({ size: 4, chunks: [await store.chunk("abcd")] });
    await store.files.putPart(JOB, "01HZZZZZZZZZZZZZZZZZZZZZZ3", 0, new Response("x").body, 1);
    await Bun.write(store.files.path(JOB, "01HZZZZZZZZZZZZZZZZZZZZZZ4"), "orphan");
    return store;
  };

  test("after a job keeps its files", async () => {
    const store = await aJobWithEverything();
    store.files.sweep([{ id: JOB, active: false }], (_, file) => file === store.stored[0]?.id);
    expect(store.names()).toEqual([store.stored[0]?.id ?? ""]);
    expect(existsSync(join(store.dir, "chunk", JOB))).toBeFalse();
  });

  test("during a job takes only what nobody knows", async () => {
    const store = await aJobWithEverything();
    store.files.sweep([{ id: JOB, active: true }], (_, file) => file === store.stored[0]?.id);
    expect(store.names().sort()).toEqual([store.stored[0]?.id ?? "", "01HZZZZZZZZZZZZZZZZZZZZZZ3.part"].sort());
    expect(readdirSync(join(store.dir, "chunk", JOB))).toHaveLength(1);
  });
});

test("an id cannot lead out of the directory", () => {
  const { files } = aStore();
  for (const id of ["../x", "a/b", ".", ""]) expect(() => files.path(JOB, id)).toThrow("not an id");
});
