import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeTime } from "ulid";
import { type FakeGitHub, fakeGitHub } from "../../../test/fake/github/fake.ts";
import { appToml } from "../../../wollongong/fixture.ts";
import { quantile, type Row } from "../figure.ts";
import { load, NUMBER } from "../load.ts";
import { type Measure, repeat } from "../measure.ts";
import { type Service, urlIn, withService } from "../service.ts";

const REPO = "acme/app";
/** Of GitHub's answers, ms. */
const LATENCY = 50;
/** Webhooks a minute, of the calm row. */
const CALM = 1000;

const JOB = '#!/bin/bash\n#: name = "build"\n#: variety = "basic"\n#: skip_clone = true\necho hello\n';

const row = (name: string, what: string, unit: string, target: number, good: Row["good"], how: string): Row => ({
  name,
  what,
  unit,
  target,
  good,
  how,
});

export const github: Measure = {
  rows: [
    row(
      "webhook",
      "webhook -> 200, 1,000 a minute, p99",
      "ms",
      8,
      "below",
      "signed pushes, one connection, while suites of other commits run",
    ),
    row(
      "webhook-burst",
      "webhooks, 16 at a time",
      "/s",
      3000,
      "above",
      "the same from a process of its own, each durable before its answer",
    ),
    row(
      "push-submit",
      "push -> first job submitted, p50",
      "ms",
      500,
      "below",
      `GitHub answers after ${LATENCY} ms; from the push to the time in the job's id`,
    ),
    row(
      "push-calls",
      "calls to GitHub for one push with one job, cold",
      "calls",
      9,
      "below",
      "the first push after the start, all tokens included, updates of running text aside",
    ),
    row(
      "push-calls-warm",
      "the same, later ones",
      "calls",
      0,
      "shown",
      "the same; GitHub's tokens last an hour, a membership is believed for five minutes",
    ),
  ],
  async run({ programs, quick }) {
    return await withService({ programs, sandbox: "slots = 2" }, async (service) => {
      await using fake = await fakeGitHub({ latency: LATENCY });
      await populate(fake);
      const server = await start(service, fake);
      try {
        fake.deliveries.sendTo(`${server.url}/webhook`);
        const [cold, warm] = await repeat(2, (i) => callsOfPush(fake, i));
        const times = await repeat(quick ? 3 : 10, (i) => pushed(service, fake, i + 2));
        return {
          ...(await webhooks(fake, server.url, quick)),
          "push-submit": quantile(times, 0.5),
          "push-calls": cold ?? 0,
          "push-calls-warm": warm ?? 0,
        };
      } finally {
        server.child.kill("SIGTERM");
        await server.child.exited;
      }
    });
  },
};

async function populate(fake: FakeGitHub): Promise<void> {
  fake.deliveries.treat = () => "drop";
  fake.createOrganization("acme", { ben: "member" });
  fake.installApp("acme");
  const files = { ".github/buildomat/config.toml": "enable = true\n", ".github/buildomat/jobs/build.sh": JOB };
  await fake.createRepository(REPO, { files });
  fake.deliveries.treat = () => "send";
}

async function start({ dir, url, admin, programs }: Service, fake: FakeGitHub) {
  const { id, token } = await admin.call("user_create", { body: { name: "github" } });
  await admin.call("user_privilege_grant", { path: { user: id, privilege: "delegate" } });
  const key = join(dir, "privkey.pem");
  writeFileSync(key, fake.privateKey, { mode: 0o600 });
  const file = join(dir, "app.toml");
  writeFileSync(file, appToml(fake, { url, token }, join(dir, "wollongong"), key));
  const child = Bun.spawn(["setpriv", "--pdeathsig", "TERM", "--", programs.wollongong, "--config", file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { child, url: await urlIn(child.stderr) };
}

/** Pushes, waits until the job's run is over, and counts. */
async function callsOfPush(fake: FakeGitHub, i: number): Promise<number> {
  const before = fake.callsOf().length;
  const sha = await fake.commit(REPO, "main", { "a.txt": String(i) }, { by: "ben" });
  while (!fake.checkRun(sha, "build")?.conclusion) await Bun.sleep(20);
  const run = fake.checkRun(sha, "build");
  if (run?.conclusion !== "success") throw new Error(`the push did not succeed: ${run?.summary}\n${run?.text}`);
  const calls = fake.callsOf().slice(before);
  // Of a run in progress, what comes after the first word is text.
  const begun = new Set<string>();
  return calls.filter(({ kind, path, body }) => {
    if (kind === "GET /app/installations") return false;
    if ((body as { status?: string } | undefined)?.status !== "in_progress") return true;
    const text = begun.has(path);
    begun.add(path);
    return !text;
  }).length;
}

/** @returns ms from the push to the submission of its job */
async function pushed({ admin }: Service, fake: FakeGitHub, i: number): Promise<number> {
  const begun = Date.now();
  const sha = await fake.commit(REPO, "main", { "a.txt": String(i) }, { by: "ben" });
  for (;;) {
    const job = (await admin.call("admin_jobs_get", { query: { active: true } })).find(
      ({ tags }) => tags["gong.head.sha"] === sha,
    );
    if (job) return decodeTime(job.id) - begun;
    await Bun.sleep(5);
  }
}

async function webhooks(fake: FakeGitHub, url: string, quick: boolean): Promise<Record<string, number>> {
  const body = fake.deliveries.of("push").at(-1)?.body ?? "{}";
  const signature = `sha256=${createHmac("sha256", fake.webhookSecret).update(body).digest("hex")}`;
  const request = (name: string) =>
    [
      "POST /webhook HTTP/1.1",
      "host: localhost",
      "content-type: application/json",
      "x-github-event: push",
      `x-github-delivery: ${name}-${NUMBER}`,
      `x-hub-signature-256: ${signature}`,
      `content-length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n");
  const port = Number(new URL(url).port);
  const calm = load({ port, request: request("calm"), connections: 1, every: 60_000 / CALM, count: quick ? 50 : 300 });
  let over = false;
  const counted = calm.finally(() => {
    over = true;
  });
  for (let i = 0; !over; i++)
    await Promise.all([fake.commit(REPO, "busy", { "b.txt": String(i) }, { by: "ben" }), Bun.sleep(2000)]);
  const { p99 } = await counted;
  const { requests, seconds } = await load({ port, request: request("burst"), connections: 16, time: quick ? 1000 : 3000 });
  return { webhook: p99, "webhook-burst": requests / seconds };
}
