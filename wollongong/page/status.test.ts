import { expect, test } from "bun:test";
import { aFactory, aJob } from "../../core/fixture.ts";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { aSite, over } from "./fixture/site.ts";

/** What a section of the page has, as text. */
function sections(html: string): Record<string, string> {
  const main = /<main>(.*)<\/main>/s.exec(html)?.[1] ?? "";
  return Object.fromEntries(
    main
      .split("<h2>")
      .slice(1)
      .map((part) => [part.split("</h2>")[0] ?? "", part]),
  );
}

test("the status tells of machines and jobs, and names public repositories alone", async () => {
  await using site = await aSite();
  const { admin } = site.core;
  const core = site.server.wo.coreOf(42);
  const web = site.server.wo.config.github.web_url;

  const good = await site.aRun({ name: "<i>good</i>" });
  await good.complete();
  await over(site, good);
  const bad = await site.aRun();
  await bad.complete(true);
  await over(site, bad);
  const stopped = await site.aRun();
  await core.call("job_cancel", { path: { job: stopped.job } });
  await over(site, stopped);
  const secret = await site.aRun({ visibility: "private", repo: 43 });
  const running = await site.aRun();
  const held = await site.aRun();
  const { workers } = await admin.call("workers_list_old", { query: { active: true } });
  const machineOf = (job: string) => workers.find(({ jobs }) => jobs.some(({ id }) => id === job))?.id ?? "none";
  await admin.call("worker_hold_mark", { path: { worker: machineOf(held.job) }, body: { reason: "a look" } });
  const { id: other } = await admin.call("target_create", { body: { name: "other", desc: "redirected" } });
  const real = (await admin.call("targets_list", {})).find(({ name }) => name === "default")?.id ?? "";
  await admin.call("target_redirect", { path: { target: other }, body: { redirect: real } });
  const queued = await core.call("job_submit", { body: aJob({ target: "other" }) });
  const depends = { first: { prior_job: queued.id, copy_outputs: true, on_completed: true, on_failed: false } };
  const waiting = await core.call("job_submit", { body: aJob({ depends }) });

  const html = await (await site.get("/status")).text();
  const seen = sections(html);
  expect(Object.keys(seen)).toEqual([
    "Active Workers",
    "Queued Jobs (waiting for capacity)",
    "Waiting Jobs (waiting for a dependency)",
    "Other Jobs",
    "Recently Completed Jobs",
  ]);
  const [machines = "", inQueue = "", inWait = "", others = "", recent = ""] = Object.values(seen);
  const time = String.raw`<time datetime="\d{4}-[^"]*Z">\d{4}-[^<]*Z</time>`;
  expect(machines).toMatch(
    new RegExp(
      `${machineOf(running.job)} <span class="quiet">\\(default\\) since ${time} \\(\\d+ s\\)</span><ul><li> ${running.job} `,
    ),
  );
  expect(machines).toContain(`${secret.job} <span>of a private repository</span> <span class="quiet">default</span>`);
  expect(machines).not.toContain(machineOf(held.job));
  expect(others).toContain(held.job);
  expect(inQueue).toMatch(
    new RegExp(`${queued.id} <span>no repository is linked</span> <span class="quiet">other -(&gt;|>) default</span>`),
  );
  expect(inQueue).toMatch(new RegExp(`submitted ${time} \\(\\d+ s ago\\)`));
  expect(inWait).toContain(waiting.id);
  expect([...recent.matchAll(/class="state (\w+)">(\w+)<\/strong> (\w{26})/g)].map(([, ...found]) => found)).toEqual([
    ["cancelled", "CANCEL", stopped.job],
    ["failure", "FAIL", bad.job],
    ["success", "OK", good.job],
  ]);
  const sha = good.suite.head_sha;
  expect(recent).toContain(
    `<span><a href="${web}/acme/app42">acme/app42</a> (main) <b>&lt;i>good&lt;/i></b> <a href="${web}/acme/app42/commit/${sha}">${sha.slice(0, 12)}</a> <a href="${web}/acme/app42/runs/${good.run.github_id}">on GitHub</a></span>`,
  );
  expect(recent).toMatch(new RegExp(`completed ${time} \\(\\d+ s ago\\)`));
  expect(html).not.toMatch(/app43|gong-|machine-/);

  // Whoever asks often costs the core nothing.
  const late = await core.call("job_submit", { body: aJob() });
  expect(await (await site.get("/status")).text()).not.toContain(late.id);
});

test("the status leaves out the sections that are empty", async () => {
  await using site = await aSite();
  expect(Object.keys(sections(await (await site.get("/status")).text()))).toEqual(["Active Workers", "Recently Completed Jobs"]);
});

test("the status tells how long a job waited, queued, waited for its machine to boot and ran, but nothing of what took no time", async () => {
  const world = manualWorld();
  await using site = await aSite({ world });
  const { core } = site;
  await site.aPlannedRun().queue();
  await world.advance(3_723_000);
  const [queued] = await core.admin.call("admin_jobs_get", { query: { active: true } });
  const job = queued?.id ?? "";
  const { client, target } = await aFactory(core, "slow");
  const { id: worker, bootstrap } = await client.call("factory_worker_create", { body: { target, job } });
  await client.call("factory_worker_associate", { path: { worker }, body: { private: "a machine" } });
  await world.advance(41_000);
  const token = "a-token-of-the-agent";
  await core.client("none").call("worker_bootstrap", { body: { bootstrap, token } });
  await world.advance(62_000);
  await core.client(token).call("worker_job_complete", { path: { job }, body: { failed: false } });
  const seen = sections(await (await site.get("/status")).text());
  const spans = [...(seen["Recently Completed Jobs"] ?? "").matchAll(/<span class="quiet">, (.*?)<\/span>/g)].map(
    ([, text]) => text,
  );
  expect(spans).toEqual(["queued 1 h 2 m 3 s", "booted 41 s", "ran 1 m 2 s"]);
});
