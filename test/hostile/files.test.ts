import { expect } from "bun:test";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { attack } from "./attack.ts";

attack(
  "of 100,000 outputs none is kept, and the bound is named",
  {
    script: "mkdir /work/out; cd /work/out; seq 1 100000 | xargs touch; echo made",
    rest: { output_rules: ["/work/out/*"] },
    config: "[job]\nmax_outputs = 5000",
  },
  async ({ job, reason, lines }, { client }) => {
    expect(lines("stdout")).toEqual(["made"]);
    expect(job.state).toBe("failed");
    expect(reason).toBe(
      "job failed: the output rule /work/out/* cannot be followed: it leads to more files than the 5000 that a job may keep; none is kept",
    );
    expect(await client.call("job_outputs_get", { path: { job: job.id } })).toEqual([]);
  },
);

attack(
  "odd names come back as they are, and lead nowhere else",
  {
    script: `mkdir -p /work/out/..dots; cd /work/out
touch $'two\\nlines' $'bell\\a' ' ' '...' '\\back' '..dots/..x' '<b>&' '$(id)' "$(printf 'not\\xffutf8')"; echo out >/work/out/../escape`,
    rest: { output_rules: ["/work/out/*", "/work/out/..dots/*", "/work/out/../escape"] },
  },
  async ({ job, lines }, { cli, client, dir }) => {
    expect(job.state).toBe("completed");
    expect(lines("worker").join("\n")).toContain("is left out: its name is not UTF-8");
    const paths = (await client.call("job_outputs_get", { path: { job: job.id } })).map(({ path }) => path);
    const names = ["two\nlines", "bell\u0007", " ", "...", "\\back", "..dots/..x", "<b>&", "$(id)", "../escape"];
    expect(paths.toSorted()).toEqual(names.map((name) => `/work/out/${name}`).toSorted());
    const to = join(dir, "a", "b", "c");
    mkdirSync(to, { recursive: true });
    const copied = await cli("job", "copy", "--full-path", job.id, "/work/**", to);
    expect(readdirSync(join(dir, "a", "b"))).toEqual(["c"]);
    expect(readdirSync(dir)).not.toContain("escape");
    expect(existsSync(join(to, "work", "out", "two\nlines"))).toBe(true);
    expect(copied.err).not.toContain("\u0007");
  },
);

/** A file that a user of this host may not read, a job of theirs cannot read either. */
function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

attack(
  "links out of the tree show what is in the machine, and not what is on the host",
  {
    script: `mkdir /work/out; cd /work/out; ln -s /etc/hostname host; ln -s /work self; ln -s loop loop; ln -s /dev/zero zero; mkfifo pipe
ln -s /proc/1/root/etc/hostname root; ln -s /proc/1/cwd/../../../../etc/shadow shadow; ln -s /nowhere nothing; echo made`,
    rest: { output_rules: ["%/work/out/**/*"] },
  },
  async ({ job, lines }, { cli, client, dir }) => {
    expect(lines("stdout")).toEqual(["made"]);
    expect(job.state).toBe("completed");
    const paths = (await client.call("job_outputs_get", { path: { job: job.id } })).map(({ path }) => path);
    expect(paths).toContain("/work/out/host");
    expect(paths).not.toContain("/work/out/zero");
    expect(paths).not.toContain("/work/out/pipe");
    for (const path of paths) {
      const to = join(dir, Bun.hash(path).toString());
      expect((await cli("job", "copy", job.id, path, to)).status).toBe(0);
      for (const file of ["/etc/hostname", "/etc/shadow"])
        if (isReadable(file)) expect(readFileSync(to, "utf8")).not.toBe(readFileSync(file, "utf8"));
    }
  },
);

attack(
  "a file of /proc that never ends is not followed",
  {
    script: "mkdir /work/out; ln -s /proc/self/pagemap /work/out/endless; ln -s /proc/kmsg /work/out/kernel; echo made",
    rest: { output_rules: ["%/work/out/*"] },
    config: "[job]\nmax_size_per_file_mb = 1",
  },
  ({ job, reason, lines }) => {
    expect(lines("stdout")).toEqual(["made"]);
    expect(job.state).toBe("failed");
    expect(reason).toMatch(/^job failed: \/work\/out\/endless: /);
  },
);
