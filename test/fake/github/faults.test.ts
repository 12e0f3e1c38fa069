import { expect, test } from "bun:test";
import { aSite, git, refusal, site } from "./site.fixture.ts";

test("faults on demand: HTML with 5xx, limits, cut connections, what was done all the same", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const octokit = at.asInstallation();
  const get = () => octokit.request("GET /repos/{owner}/{repo}", site);
  await get();
  github.faults.add("GET /repos/*", { status: 502 });
  expect(await refusal(get())).toBe(502);
  github.faults.add("GET /repos/*", { limit: "primary", seconds: 30 });
  const limited = await get().catch((error: { status: number; response: { headers: Record<string, string> } }) => error);
  expect(limited).toMatchObject({ status: 403, response: { headers: { "x-ratelimit-remaining": "0" } } });
  github.faults.add("GET /repos/*", { limit: "secondary", seconds: 7, status: 429 });
  expect(await get().catch((error: unknown) => error)).toMatchObject({
    status: 429,
    response: { headers: { "retry-after": "7" } },
  });
  const create = (name: string) => octokit.request("POST /repos/{owner}/{repo}/check-runs", { ...site, name, head_sha: main });
  github.faults.add("POST *", { cut: "before" });
  await expect(create("never")).rejects.toThrow();
  github.faults.add("POST *", { cut: "after" });
  await expect(create("lost")).rejects.toThrow();
  github.faults.add("POST *", { status: 500, after: true });
  expect(await refusal(create("late"))).toBe(500);
  github.faults.add("POST *", "garbled");
  expect((await create("garbled")).data as unknown).toContain("<!DOCTYPE html>");
  expect(github.checkRunsOf(main).map(({ name }) => name)).toEqual(["lost", "late", "garbled"]);
  expect(github.callsOf("POST /repos/{owner}/{repo}/check-runs").map(({ status }) => status)).toEqual([0, 0, 500, 200]);
  github.rateLimit = 10;
  let left = 1;
  while (left > 0) left = Number((await get()).headers["x-ratelimit-remaining"]);
  expect(await refusal(get())).toBe(403);
  expect([github.faults.left, github.violations]).toEqual([0, []]);
});

test("git meets faults too, a late answer comes, and who waits for calls is told of them", async () => {
  await using at = await aSite();
  const { github } = at;
  github.faults.add("git */info/refs", { status: 503 });
  expect((await git("ls-remote", github.cloneUrl("acme/site"))).code).not.toBe(0);
  expect((await git("ls-remote", github.cloneUrl("acme/site"))).code).toBe(0);
  expect(github.callsOf("git").map(({ status }) => status)).toEqual([503, 200, 200]);
  github.faults.add("GET /repos/*", { delay: 1 });
  github.latency = 1;
  const octokit = at.asInstallation();
  const called = github.until(() => github.callsOf("GET /repos/{owner}/{repo}").length > 0);
  await octokit.request("GET /repos/{owner}/{repo}", site);
  await called;
  github.deliveries.treat = () => ({ delay: 1 });
  await github.commit("acme/site", "main", { a: "1" });
  expect((await at.told()).sort()).toEqual(["check_suite requested", "push"]);
});
