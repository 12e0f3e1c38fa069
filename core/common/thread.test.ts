import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Thread } from "./thread.ts";
import { realWorld } from "./world.ts";

const file = join(mkdtempSync(join(tmpdir(), "thread-")), "double.ts");
writeFileSync(
  file,
  `import { answerQuestions } from ${JSON.stringify(join(import.meta.dir, "thread.ts"))};
   answerQuestions(async (n) => {
     if (n === 13) throw new Error("unlucky");
     if (n === 99) process.exit(1);
     await Bun.sleep(n === 1 ? 20 : 0);
     return 2 * n;
   });`,
);

const opened: Thread<number, number>[] = [];
const aThread = (world = realWorld()) => {
  const thread = new Thread<number, number>(world, relative(join(import.meta.dir, "../.."), file));
  opened.push(thread);
  return thread;
};
afterEach(() => {
  for (const thread of opened.splice(0)) thread.close();
});

test("answers several questions, each with its own answer", async () => {
  const thread = aThread();
  expect(await Promise.all([1, 2, 3].map((n) => thread.ask(n)))).toEqual([2, 4, 6]);
});

test("what fails in the thread fails for whoever asked, and for nobody else", async () => {
  const thread = aThread();
  const [bad, good] = await Promise.allSettled([thread.ask(13), thread.ask(1)]);
  expect(bad).toMatchObject({ status: "rejected", reason: { message: "unlucky" } });
  expect(good).toEqual({ status: "fulfilled", value: 2 });
});

test("a thread that dies tells whoever waits, and is replaced", async () => {
  const thread = aThread();
  const outcomes = await Promise.allSettled([thread.ask(1), thread.ask(99)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await thread.ask(4)).toBe(8);
});

test("a module that is missing is an error, not silence", async () => {
  const thread = new Thread<number, number>(realWorld(), "core/common/missing.thread.ts");
  await expect(thread.ask(1)).rejects.toThrow("missing.thread.ts");
});

test("ends when nobody asks, and starts again", async () => {
  const timers: (() => void)[] = [];
  const after = (_: number, fn: () => void) => {
    timers.push(fn);
    return () => {};
  };
  const thread = aThread({ ...realWorld(), after });
  expect(await thread.ask(2)).toBe(4);
  expect(timers).toHaveLength(1);
  timers[0]?.();
  expect(await thread.ask(3)).toBe(6);
});
