import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "../../core/client/client.ts";
import type { CallFailed } from "../../core/client/failure.ts";
import { eventually, processesWith, withService } from "./service.ts";

test("a job runs in a machine of its own, and its exit status is the command's", async () => {
  await withService(async ({ cli }) => {
    const good = await cli("job", "run", "-n", "good", "-c", "echo hello; hostname; ls /work /input; id -u");
    expect(good.status).toBe(0);
    expect(good.out).toContain("\nhello\nw-01");
    const bad = await cli("job", "run", "-n", "bad", "-c", "echo oh no >&2; exit 3");
    expect(bad.status).toBe(1);
    expect(bad.out).toContain('|=| job failed: task 0 ("default") failed');
  });
});

test("the log is complete and in order, byte for byte, and its hash can be recomputed", async () => {
  await withService(async ({ cli, run, client, dir }) => {
    const script = "seq -f 'line %g of the log, with some text to make it longer' 1 100000 | tee /work/log.txt";
    const id = await run(script, "-O", "=/work/log.txt");
    expect((await cli("job", "copy", id, "/work/log.txt", join(dir, "log.txt"))).status).toBe(0);
    const printed = await cli("job", "tail", "--json", id);
    const stdout = printed.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { stream: string; payload: string; seq: number });
    expect(stdout.map((event) => event.seq)).toEqual(stdout.map((_, i) => i + 1));
    const lines = stdout.filter((event) => event.stream === "stdout").map((event) => `${event.payload}\n`);
    expect(lines.join("") === readFileSync(join(dir, "log.txt"), "utf8")).toBe(true);
    await eventually(async () => (await client.call("job_get", { path: { job: id } })).log != null);
    const { log } = await client.call("job_get", { path: { job: id } });
    expect(log).toEqual({
      count: stdout.length,
      bytes: Buffer.byteLength(printed.out),
      sha256: createHash("sha256").update(printed.out).digest("hex"),
    });
    expect((await cli("job", "verify", id)).status).toBe(0);
  });
});

test("the factory inside the server goes on when its token is rotated, and so does the job that it runs", async () => {
  await withService(async ({ admin, client, run }) => {
    const first = run("while ! bmat store get go; do sleep 0.1; done");
    const running = async () =>
      (await admin.call("admin_jobs_get", { query: { active: true } })).find(({ state }) => state === "running");
    await eventually(async () => (await running()) !== undefined);
    const [factory] = await admin.call("factories_list", {});
    const { token } = await admin.call("factory_token_rotate", { path: { factory: factory?.id ?? "" } });
    const path = { job: (await running())?.id ?? "", name: "go" };
    await client.call("job_store_put", { path, body: { value: "1", secret: false } });
    for (const job of [await first, await run("echo second")])
      expect(await client.call("job_get", { path: { job } })).toMatchObject({ state: "completed" });
    const stranger = new Client({ ...client.options, token });
    expect(await stranger.call("factory_ping", {}).catch((error: CallFailed) => error.status)).toBe(401);
  });
});

test("two dependent jobs hand an artefact over through /input", async () => {
  await withService(async ({ cli, run }) => {
    const first = await run("mkdir /work/lib; echo treasure >/work/lib/chest", "-O", "/work/lib/*");
    const second = await cli("job", "run", "-n", "second", "-d", `first=${first}`, "-c", "cat /input/first/work/lib/chest");
    expect(second.out).toContain("\ntreasure\n");
    expect(second.status).toBe(0);
    const orphan = await run("exit 1");
    const third = await cli("job", "run", "-n", "third", "-d", `orphan=${orphan}`, "-c", "echo never");
    expect(third.status).toBe(1);
    expect(third.out).toContain("should have completed, but it failed");
    expect(third.out).not.toContain("\nnever\n");
  });
});

test("a cancelled job's processes go", async () => {
  await withService(async ({ cli }) => {
    const mark = `cancel-me-${crypto.randomUUID()}`;
    const script = `(setsid nohup bash -c 'exec -a ${mark} sleep 900' >/dev/null 2>&1 &) ; exec -a ${mark} sleep 900`;
    const { out } = await cli("job", "run", "-W", "-n", "cancelled", "-c", script);
    const id = out.trim();
    await eventually(() => processesWith(mark).length >= 2);
    expect((await cli("job", "cancel", id)).status).toBe(0);
    await eventually(() => processesWith(mark).length === 0);
    const tail = await cli("job", "tail", id);
    expect(tail.status).toBe(1);
    expect(tail.out).toContain("|=| cancelled by alice");
  });
});

test("twenty jobs on two slots all finish", async () => {
  await withService(async ({ cli, admin }) => {
    const jobs = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => (await cli("job", "run", "-W", "-n", `job-${i}`, "-c", `echo ${i}`)).out.trim()),
    );
    expect((await cli("job", "join", ...jobs)).status).toBe(0);
    const { items } = await admin.call("workers_list", {});
    expect(items).toHaveLength(20);
    await eventually(async () => (await admin.call("workers_list", { query: { active: true } })).items.length === 0);
  });
}, 120_000);

test("a secret of the store shows as *** in the log", async () => {
  await withService(async ({ cli, client }) => {
    const waits =
      'token=$(bmat store get token); echo "it is $token"; echo "$token" | base64; bmat store put -s made born-in-the-job; echo born-in-the-job';
    const { out } = await cli("job", "run", "-W", "-n", "secretive", "-c", waits);
    const id = out.trim();
    expect((await cli("job", "store", "put", "-s", id, "token", "correct-horse-battery")).status).toBe(0);
    await cli("job", "tail", id);
    const events = await client.call("job_events_get", { path: { job: id } });
    const payloads = events.filter((event) => event.stream === "stdout").map((event) => event.payload);
    expect(payloads[0]).toBe("it is ***");
    expect(payloads.at(-1)).toBe("***");
    const all = payloads.join("\n");
    for (const shown of [
      "correct-horse",
      "born-in-the-job",
      Buffer.from("correct-horse-battery").toString("base64").slice(4, 20),
    ])
      expect(all).not.toContain(shown);
  });
});

test("thirty small artefacts come back with their hashes", async () => {
  await withService(async ({ cli, run, dir }) => {
    const id = await run(
      "mkdir /work/out; for i in $(seq 1 30); do head -c 4096 /dev/urandom >/work/out/$i; done; cd /work/out; sha256sum * >/work/sums",
      "-O",
      "=/work/out/*",
      "-O",
      "=/work/sums",
    );
    const to = join(dir, "artefacts");
    mkdirSync(to);
    expect((await cli("job", "copy", id, "/work/out/*", to)).status).toBe(0);
    expect((await cli("job", "copy", id, "/work/sums", join(dir, "sums"))).status).toBe(0);
    const sums = readFileSync(join(dir, "sums"), "utf8").trim().split("\n");
    expect(sums).toHaveLength(30);
    for (const line of sums) {
      const [hash, name = ""] = line.split("  ");
      expect(
        createHash("sha256")
          .update(readFileSync(join(to, name)))
          .digest("hex"),
      ).toBe(hash ?? "");
    }
    const verified = await cli("job", "verify", id);
    expect({ status: verified.status, err: verified.err }).toMatchObject({ status: 0 });
  });
});

test("an input arrives as it was sent, however large", async () => {
  await withService(async ({ cli, dir }) => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const big = Buffer.concat(Array.from({ length: 400 }, () => bytes));
    writeFileSync(join(dir, "big"), big);
    writeFileSync(join(dir, "empty"), "");
    const { out, status } = await cli(
      "job",
      "run",
      "-n",
      "inputs",
      "-i",
      join(dir, "big"),
      "-i",
      `none=${join(dir, "empty")}`,
      "-c",
      "sha256sum /input/big; stat -c %s /input/none",
    );
    expect(status).toBe(0);
    expect(out).toContain(`${createHash("sha256").update(big).digest("hex")}  /input/big\n0\n`);
  });
});

test("a repository's job file runs with the working tree, from the desk", async () => {
  await withService(async ({ cli, dir }) => {
    const tree = join(dir, "project");
    mkdirSync(join(tree, ".github/buildomat/jobs"), { recursive: true });
    writeFileSync(join(tree, "hello.sh"), "echo hello from the tree\n");
    const file = join(tree, ".github/buildomat/jobs/hello.sh");
    writeFileSync(
      file,
      '#!/bin/bash\n#: name = "hello"\n#: variety = "basic"\n#: output_rules = ["=/work/out"]\nid -un\nbash hello.sh | tee /work/out\n',
    );
    const { out, err, status } = await cli("job", "run", "--file", file);
    expect({ status, err }).toMatchObject({ status: 0 });
    expect(out).toContain("\nbuild\nhello from the tree\n");
  });
});

test("stopping the service leaves no process behind, whatever runs", async () => {
  const mark = `left-behind-${crypto.randomUUID()}`;
  await withService(async ({ cli }) => {
    await cli("job", "run", "-W", "-n", "endless", "-c", `exec -a ${mark} sleep 900`);
    await eventually(() => processesWith(mark).length > 0);
  });
  expect(processesWith(mark)).toEqual([]);
});

test("with a certificate of an own authority, agents and factory trust the core, and nobody else does", async () => {
  const tls = { certificate: resolve("test/fixture/localhost.pem"), key: resolve("test/fixture/localhost.key") };
  await withService(
    async ({ client, cli }) => {
      const task = { name: "say", script: "echo over TLS", env: {}, env_clear: false };
      const job = { name: "secure", target: "default", output_rules: [], tasks: [task] };
      const { id } = await client.call("job_submit", { body: job });
      const state = async () => (await client.call("job_get", { path: { job: id } })).state;
      await eventually(async () => ["completed", "failed"].includes(await state()));
      expect(await state()).toBe("completed");
      const strange = await cli("info");
      expect({ status: strange.status, err: strange.err }).toEqual({ status: 3, err: expect.stringMatching(/certificate/) });
    },
    "slots = 1",
    tls,
  );
});
