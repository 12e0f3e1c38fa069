import { expect, test } from "bun:test";
import { Scene } from "./scene.ts";

const timesOf = async (scene: Scene, job: string) => {
  const { times } = await scene.job(job);
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, Date.parse(time)]));
};

test("a job without inputs is queued in the moment that it is submitted", async () => {
  await using scene = await Scene.open();
  const job = await scene.submit();
  expect(await scene.state(job)).toBe("queued");
  const { submit, ready, ...others } = await timesOf(scene, job);
  expect([submit, ready, others]).toEqual([scene.world.now(), scene.world.now(), {}]);
});

test("a job with inputs waits for the last of them, and is queued within a second then", async () => {
  await using scene = await Scene.open();
  const { alice, world } = scene;
  const job = await scene.submit({ inputs: ["a", "b"] });
  const put = async (name: string) => (await (await scene.commit(alice, "input", job, name, `text of ${name}`))()).json;
  await world.advance(5_000);
  expect(await put("a")).toEqual({ complete: true, error: null });
  await world.advance(5_000);
  expect(await scene.state(job)).toBe("waiting");
  expect(await put("b")).toEqual({ complete: true, error: null });
  await world.advance(1_000);
  expect(await scene.state(job)).toBe("queued");
  const { submit = 0, ready = 0 } = await timesOf(scene, job);
  expect(ready - submit).toBeWithin(10_000, 11_001);
  expect(await scene.log(job)).toEqual(["ready to run (waiting for 10 s)"]);
});

test.each([
  [5, "5 s"],
  [65, "1 m 5 s"],
  [3600, "1 h 0 m 0 s"],
])("%i seconds in the queue are told as %p", async (seconds, words) => {
  await using scene = await Scene.open({ schedule: { safety_net: 600 } });
  const job = await scene.submit();
  await scene.world.advance(seconds * 1000);
  await scene.worker(job);
  expect(await scene.log(job)).toEqual([expect.stringContaining(`(queued for ${words})`)]);
  const { ready = 0, assigned } = await timesOf(scene, job);
  expect(assigned).toBe(ready + seconds * 1000);
});
