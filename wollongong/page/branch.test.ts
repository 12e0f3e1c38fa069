import { expect, test } from "bun:test";
import { learnInstall } from "../account/installs.ts";
import { learnRepository } from "../account/repositories.ts";
import { change } from "../db/change.ts";
import { aScene, REPO } from "../scene.fixture.ts";

test("the commit of a branch is told as text, for everyone, as long as the repository is public", async () => {
  await using scene = await aScene();
  const at = (branch: string) => fetch(`${scene.wollongong.url}/public/branch/${REPO}/${branch}`);
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "success" });
  const fix = await scene.push({ "a.txt": "2" }, { branch: "fix/it" });
  const answer = await at("main");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
  expect(await answer.text()).toBe(`${sha}\n`);
  expect(await (await at("fix%2Fit")).text()).toBe(`${fix}\n`);
  expect((await at("nothing")).status).toBe(404);

  // Of an account where the App was installed again, the newest installation counts, and of a name the newest repository.
  const { wo } = scene.wollongong;
  const { id, owner } = scene.github.repository(REPO);
  change(wo, () => {
    learnInstall(wo, 1, owner.id, "deleted");
    learnRepository(wo, { id: 1, name: "app", owner, visibility: "private" });
  });
  expect((await at("main")).status).toBe(200);
  scene.github.faults.add("GET /repos/*/branches/*", { status: 403, message: "no" });
  const failed = await fetch(`${scene.wollongong.url}/public/branch/${REPO}/main`, { headers: { accept: "text/html" } });
  expect([failed.status, await failed.text()]).toEqual([502, expect.stringContaining("GitHub cannot be asked now.")]);
  change(wo, () => learnRepository(wo, { id, name: "app", owner, visibility: "internal" }));
  expect((await at("main")).status).toBe(404);
  expect(scene.github.violations).toEqual([]);
});
