import { expect, test } from "bun:test";
import { silent } from "../../common/logger.ts";
import { until } from "../fixture/until.ts";
import { Pool, type Root } from "./pool.ts";

interface StandIn {
  slot: number;
  root: Root;
  code: number | undefined;
  stop(): Promise<void>;
}

function scene({ slots = 1, warm = 1, roots = [undefined] as Root[] } = {}) {
  const made: StandIn[] = [];
  const ended: StandIn[] = [];
  const kernel = { refuses: false, ready: Promise.resolve() };
  const start = async (slot: number, root: Root) => {
    const { refuses, ready } = kernel;
    await ready;
    if (refuses) throw new Error("no more");
    const box: StandIn = { slot, root, code: undefined, stop: async () => void ended.push(box) };
    made.push(box);
    return box;
  };
  return { pool: new Pool({ slots, warm, roots, start, logger: silent }), made, ended, kernel };
}

test("hands out the box that waits, in a slot beside those at work", async () => {
  const { pool, made } = scene();
  pool.fill();
  const first = await pool.take(undefined);
  expect(made).toEqual([first.box]);
  pool.fill();
  expect((await pool.take(undefined)).slot).not.toBe(first.slot);
  expect(made).toHaveLength(2);
});

test("keeps boxes waiting for each root, and never hands out one with another", async () => {
  const { pool, made } = scene({ roots: [undefined, "/image"] });
  pool.fill();
  expect((await pool.take("/image")).box.root).toBe("/image");
  expect(made.map(({ root }) => root)).toEqual([undefined, "/image"]);
});

test("does not hand out a waiting box that has died, and has its slot again", async () => {
  const { pool, made } = scene({ slots: 1, warm: 1 });
  pool.fill();
  await until(() => made.length === 1);
  Object.assign(made[0] ?? {}, { code: 137 });
  expect((await pool.take(undefined)).box).toBe(made[1] as StandIn);
  await pool.take(undefined);
  expect(pool.take(undefined)).rejects.toThrow("every slot is in use");
});

test("has the slot again of a box that could not be made, and of one that is given back", async () => {
  const { pool, kernel } = scene({ slots: 1, warm: 0 });
  kernel.refuses = true;
  expect(pool.take(undefined)).rejects.toThrow("no more");
  pool.fill();
  kernel.refuses = false;
  const { slot } = await pool.take(undefined);
  pool.giveBack(slot);
  expect((await pool.take(undefined)).slot).toBe(slot);
});

test("forgets no box that waits over another that is being taken and cannot be made", async () => {
  const { pool, kernel, made } = scene();
  const late = Promise.withResolvers<void>();
  Object.assign(kernel, { refuses: true, ready: late.promise });
  pool.fill();
  const taken = pool.take(undefined);
  Object.assign(kernel, { refuses: false, ready: Promise.resolve() });
  pool.fill();
  await until(() => made.length === 1);
  late.resolve();
  expect((await taken).box).toBe(made[0] as StandIn);
});

test("that closes ends the boxes that wait, and makes no more", async () => {
  const { pool, made, ended } = scene({ warm: 2 });
  pool.fill();
  await pool.close();
  expect(ended).toEqual(made);
  pool.fill();
  expect(made).toHaveLength(2);
});
