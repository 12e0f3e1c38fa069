import { expect, test } from "bun:test";
import { aDesk } from "../desk.fixture.ts";
import { aScene } from "../scene.fixture.ts";

test("what GitHub sent while the server was down is asked for again, and nothing else", async () => {
  await using scene = await aScene();
  using desk = aDesk(scene);
  const { deliveries } = scene.github;
  const { dir, url } = scene.wollongong;
  const done = { "*control": "success", build: "success" };
  await scene.shows(await scene.push({ "a.txt": "seen" }), done);
  deliveries.sendTo("http://127.0.0.1:9/webhook");
  const missed = await scene.push({ "a.txt": "missed" });
  await deliveries.idle();
  deliveries.sendTo(`${url}/webhook`);
  const lost = deliveries.all.filter(({ attempts }) => attempts.length > 0 && attempts.every(({ status }) => status === 0));
  expect(lost.map(({ event }) => event)).toContain("check_suite");

  const redeliver = (...args: string[]) => desk.tool(dir, "github", "redeliver", ...args);
  expect((await redeliver("--since", "yesterday")).stderr).toContain('"yesterday" is not a time');
  const { stdout } = await redeliver("--json", "--since", "1h");
  const sent = stdout.trimEnd().split("\n");
  expect(sent.map((line) => (JSON.parse(line) as { guid: string }).guid)).toEqual(lost.map(({ guid }) => guid));
  await scene.shows(missed, done);
  expect(await redeliver()).toEqual({ status: 0, stdout: "", stderr: "0 webhooks are sent again\n" });
  expect(scene.github.violations).toEqual([]);
});
