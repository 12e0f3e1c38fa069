import { expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { aScene } from "../scene.fixture.ts";

const MINUTE = 60_000;

test("a job that outlives its token finds a new one in its store in time, and not before", async () => {
  const world = manualWorld(Date.now());
  await using scene = await aScene({ world });
  const first = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  const again = Promise.withResolvers<string>();
  scene.machines.deeds.set("build", async (machine) => {
    const old = await machine.given("GITHUB_TOKEN");
    first.resolve(old);
    await asked.promise;
    let now = old;
    while (now === old) now = await machine.given("GITHUB_TOKEN");
    again.resolve(now);
    await machine.complete();
  });
  const minted = () => scene.github.calls.filter(({ kind, status }) => kind.endsWith("/access_tokens") && status === 201).length;
  /** Lets time pass until something is there. */
  const passing = async (ms: number, holds: () => boolean) => {
    while (!holds()) await world.advance(ms);
  };
  let token = "";
  first.promise.then((value) => {
    token = value;
  });
  const sha = await scene.push({ "a.txt": "1" });
  await passing(100, () => token !== "");
  const before = minted();
  for (let minute = 0; minute < 45; minute++) await world.advance(MINUTE);
  expect(minted()).toBe(before);
  await passing(MINUTE, () => minted() > before);
  asked.resolve();
  let renewed = "";
  again.promise.then((value) => {
    renewed = value;
  });
  await passing(100, () => renewed !== "");
  expect(renewed).toMatch(/^ghs_/);
  expect(renewed).not.toBe(token);
  await passing(500, () => scene.checks(sha)["build"] === "success");
});
