import { expect, test } from "bun:test";
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { aDesk } from "../desk.fixture.ts";
import { aScene, settled } from "../scene.fixture.ts";

const done = { "*control": "success", build: "success" };

test("what GitHub sent while the server was down is asked for again, and nothing else", async () => {
  await using scene = await aScene();
  using desk = aDesk(scene);
  const { deliveries } = scene.github;
  const { dir, url } = scene.wollongong;
  await scene.shows(await scene.push({ "a.txt": "seen" }), done);
  deliveries.sendTo("http://127.0.0.1:9/webhook");
  const missed = await scene.push({ "a.txt": "missed" });
  await deliveries.idle();
  deliveries.sendTo(`${url}/webhook`);
  const lost = deliveries.all.filter(({ attempts }) => attempts.length > 0 && attempts.every(({ status }) => status === 0));
  expect(lost.map(({ event }) => event)).toContain("check_suite");

  const redeliver = (...args: string[]) => desk.tool(dir, ["github", "redeliver", ...args]);
  expect((await redeliver("--since", "yesterday")).stderr).toContain('"yesterday" is not a time');
  const { stdout } = await redeliver("--json", "--since", "1h");
  const sent = stdout.trimEnd().split("\n");
  expect(sent.map((line) => (JSON.parse(line) as { guid: string }).guid)).toEqual(lost.map(({ guid }) => guid));
  await scene.shows(missed, done);
  expect(await redeliver()).toEqual({ status: 0, stdout: "", stderr: "0 webhooks are sent again\n" });
  expect(scene.github.violations).toEqual([]);
});

test("where the database is a copy from before, what it missed is not run again", async () => {
  await using scene = await aScene();
  using desk = aDesk(scene);
  const { wollongong, github, machines } = scene;
  const [file, copy] = [join(wollongong.dir, "wollongong.sqlite"), join(desk.dir, "copy")];
  await scene.shows(await scene.push({ "a.txt": "in it" }), done);
  await desk.server(wollongong.dir, ["backup", copy]);
  const later = await scene.push({ "a.txt": "not in it" });
  await scene.shows(later, done);
  await github.deliveries.idle();
  await wollongong.stop();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  copyFileSync(join(copy, "wollongong.sqlite"), file);
  await scene.restart();

  expect(await desk.tool(wollongong.dir, ["github", "redeliver"])).toMatchObject({ status: 0 });
  await settled(scene, 2);
  expect(github.checkRunsOf(later).map(({ name }) => name)).toBeArrayOfSize(2);
  expect(scene.checks(later)).toEqual(done);
  expect(machines.ran).toEqual(["build", "build"]);
  expect(github.violations).toEqual([]);
});
