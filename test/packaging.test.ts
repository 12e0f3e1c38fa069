import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { PROGRAMS } from "../scripts/compile.ts";

const UNITS = "packaging/systemd";
const services = [...new Bun.Glob("*.service").scanSync(UNITS)].sort();
const guide = readFileSync("docs/install.md", "utf8");

/** The lines of a unit, by their key. */
function unitOf(name: string): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const [, key = "", value = ""] of readFileSync(`${UNITS}/${name}`, "utf8").matchAll(/^(\w+)=(.*)$/gm))
    keys.set(key, [...(keys.get(key) ?? []), value]);
  return keys;
}

const isProgram = (name: string): name is keyof typeof PROGRAMS => name in PROGRAMS;

/** What a program says of itself. */
function helpOf(program: string): string {
  if (!isProgram(program)) throw new Error(`there is no program ${program}`);
  return Bun.spawnSync([process.execPath, PROGRAMS[program][0], "--help"]).stdout.toString();
}

describe.each(services)("%s", (name) => {
  const unit = unitOf(name);
  const [command = ""] = unit.get("ExecStart") ?? [];

  test("starts a program that there is, with options and commands that it knows", () => {
    const [, program = "", rest = ""] = /\/usr\/local\/bin\/([\w-]+) (.*)$/.exec(command) ?? [];
    const help = helpOf(program);
    for (const [option] of rest.matchAll(/--[\w-]+/g)) expect(help).toContain(option);
    const verb = /^[a-z]+/.exec(rest)?.[0];
    if (verb) expect(help).toContain(`${program} ${verb} DIR`);
  });

  test("reads, writes and is what the guide makes", () => {
    const [config = ""] = /(?<=--config )\S+\w/.exec(command) ?? [];
    const [home = ""] = unit.get("WorkingDirectory") ?? [];
    expect(guide).toContain(config);
    const paths = (unit.get("StateDirectory") ?? []).flatMap((line) => line.split(" ")).map((word) => `/var/lib/${word}`);
    for (const path of paths) expect(guide).toContain(`| \`${path}\` | ${unit.get("User")?.[0]}, 0700 |`);
    if (home) expect(paths).toContain(home);
    const started = name.replace(".service", existsSync(`${UNITS}/${name.replace(".service", ".timer")}`) ? ".timer" : "");
    expect(guide).toMatch(new RegExp(`systemctl enable --now [^\`]*${started}`));
  });

  test("runs as a user who is made", () => {
    const [user = "root"] = unit.get("User") ?? [];
    if (name === "buildomat-sandbox.service") expect(user).toBe("root");
    else expect(readFileSync(`${UNITS}/sysusers.conf`, "utf8")).toMatch(new RegExp(`^u ${user} `, "m"));
  });
});

test("a service that always restarts is never given up", () => {
  const restarting = services.map(unitOf).filter((unit) => unit.has("Restart"));
  expect(restarting.length).toBe(4);
  for (const unit of restarting) {
    expect(unit.get("Restart")).toEqual(["always"]);
    expect(unit.get("StartLimitIntervalSec")).toEqual(["0"]);
  }
});

test("all services are kept from the same things, but for the one that makes sandboxes", () => {
  const protections = (name: string) =>
    [...unitOf(name)].filter(([key]) => /^(Protect|Private|Restrict(?!Prevent)|System|NoNew|Lock|Remove|UMask)/.test(key));
  const [first = "", ...others] = services.filter((name) => name !== "buildomat-sandbox.service");
  expect(protections(first).length).toBeGreaterThan(15);
  for (const other of others) expect(protections(other)).toEqual(protections(first));
});

test("the image is made of what there is, and runs programs that are in it", () => {
  const lines = readFileSync("Dockerfile", "utf8").split("\n");
  const copied = lines.filter((line) => line.startsWith("COPY --from=build")).flatMap((line) => line.match(/\/src\/\S+/g) ?? []);
  expect(copied.length).toBe(6);
  for (const path of copied) {
    expect(path).toMatch(/^\/src\/dist\/(here|linux-x64|linux-arm64)\//);
    expect(Object.keys(PROGRAMS)).toContain(basename(path));
  }
  for (const [, program = ""] of lines.join("\n").matchAll(/^ENTRYPOINT \["(.*)"\]$/gm))
    expect(copied).toContain(`/src/dist/here/${program}`);
  for (const line of lines) for (const [script = ""] of line.matchAll(/\.\/scripts\/\w+/g)) expect(existsSync(script)).toBe(true);
});

test("the scripts and files that the guide names are there", () => {
  const named = [...guide.matchAll(/(?:\.\/scripts|packaging)\/[\w/.-]*[\w]/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThan(5);
  for (const path of named) expect([path, existsSync(path)]).toEqual([path, true]);
});
