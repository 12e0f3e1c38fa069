import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testServer } from "../../../core/fixture.ts";
import { appToml } from "../../../wollongong/fixture.ts";
import { Machines } from "../../../wollongong/machines.fixture.ts";
import { jobFile, jobPath, POLICY, REPO, until } from "../../../wollongong/scene.fixture.ts";
import { newPrivateKey } from "../../fake/github/credentials.ts";
import { fakeGitHub } from "../../fake/github/fake.ts";

/** Wollongong as a process of its own, with the data directory of the one before it. */
class Process {
  url = "";
  readonly #child;

  constructor(dir: string, dieAfter: number | undefined) {
    const env = { PATH: process.env["PATH"] ?? "", ...(dieAfter === undefined ? {} : { DIE_AFTER: String(dieAfter) }) };
    const preload = join(import.meta.dir, "../die.preload.ts");
    const args = ["--preload", preload, "wollongong/main.ts", "--config", join(dir, "app.toml")];
    this.#child = Bun.spawn([process.execPath, ...args], { env, stdout: "ignore", stderr: "pipe" });
  }

  said = "";

  /** @returns false when it died before it served */
  async serving(): Promise<boolean> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stderr) {
      this.said += decoder.decode(bytes, { stream: true });
      const [, url] = /"message":"serving","url":"([^"]+)"/.exec(this.said) ?? [];
      if (url === undefined) continue;
      this.url = url;
      return true;
    }
    return false;
  }

  get dead(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

test("killed after every single commit, Wollongong loses no delivery and makes no second job or check run", async () => {
  const dir = mkdtempSync(join(tmpdir(), "kill-"));
  const privateKey = newPrivateKey();
  await using core = await testServer();
  await using github = await fakeGitHub({ privateKey });
  const machines = new Machines(core);
  await machines.start();
  github.deliveries.treat = () => "drop";
  github.createOrganization("acme", { ben: "member" });
  github.installApp("acme");
  const files = { [POLICY]: "enable = true\n", [jobPath("build")]: jobFile("build") };
  await github.createRepository(REPO, { files });
  const { token } = await core.user("github", "delegate", "admin.job.read");
  writeFileSync(join(dir, "privkey.pem"), privateKey);
  writeFileSync(join(dir, "app.toml"), appToml(github, { url: core.url, token }, join(dir, "var"), join(dir, "privkey.pem")));
  github.deliveries.treat = () => "send";
  const dropped = github.deliveries.all.length;
  const processes: Process[] = [];
  const begin = (dieAfter?: number) => {
    const begun = new Process(dir, dieAfter);
    processes.push(begun);
    return begun;
  };
  let commits = 0;
  try {
    for (let dieAfter = 2; ; dieAfter++) {
      const first = begin(dieAfter);
      if (await first.serving()) github.deliveries.sendTo(`${first.url}/webhook`);
      const sha = await github.commit(REPO, "main", { "a.txt": String(dieAfter) }, { by: "ben" });
      const shown = () => github.checkRun(sha, "build")?.conclusion === "success";
      // Whoever sees the job end sees the worst that can still come: a process that dies after that.
      await until(() => first.dead || shown());
      const survived = !first.dead;
      await first.kill();
      const second = begin();
      if (!(await second.serving())) throw new Error(second.said);
      github.deliveries.sendTo(`${second.url}/webhook`);
      // GitHub does not repeat what was not answered: whoever runs the App does.
      await github.deliveries.idle();
      for (const delivery of github.deliveries.all.slice(dropped))
        if (!delivery.attempts.some(({ status }) => status === 200)) await github.deliveries.redeliver(delivery);
      await until(shown);
      await second.kill();
      expect(
        github
          .checkRunsOf(sha)
          .map(({ name, conclusion }) => `${name} ${conclusion}`)
          .toSorted(),
      ).toEqual(["*control success", "build success"]);
      // One commit, one job.
      expect({ dieAfter, jobs: machines.ran.length }).toEqual({ dieAfter, jobs: dieAfter - 1 });
      commits = dieAfter;
      if (survived) break;
    }
    expect(commits).toBeGreaterThan(8);
    expect(github.violations).toEqual([]);
  } finally {
    for (const begun of processes) await begun.kill();
    await machines.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
