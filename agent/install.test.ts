import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realWorld } from "../core/common/world.ts";
import { aDirectory, pathsIn } from "./fixture.ts";
import { type InstallOptions, install } from "./install.ts";

function aMachine() {
  const place = aDirectory();
  const calls: string[] = [];
  const program = join(place.path, "download");
  writeFileSync(program, "#!/bin/sh\n");
  const options: InstallOptions = {
    world: realWorld(),
    paths: pathsIn(place.path),
    root: place.path,
    program,
    helper: (argv) => calls.push(argv.join(" ")),
    detached: (argv) => calls.push(`detached ${argv.join(" ")}`),
    warn: (message) => calls.push(`warning: ${message}`),
  };
  return { options, calls, at: (path: string) => join(place.path, path), [Symbol.dispose]: () => place[Symbol.dispose]() };
}

const tokenIn = (options: InstallOptions) =>
  JSON.parse(readFileSync(join(options.paths.etc, "agent.json"), "utf8")).token as string;

describe("install", () => {
  test("makes the machine a worker under systemd, now and after a boot", () => {
    using machine = aMachine();
    mkdirSync(machine.at("run/systemd/system"), { recursive: true });
    mkdirSync(machine.at("bin"));
    install(machine.options, ["-N", "w-1", "http://core", "key"]);
    expect(machine.calls).toEqual([
      "/bin/hostname w-1",
      "/bin/systemctl daemon-reload",
      "/bin/systemctl enable buildomat-agent.service",
      "/bin/systemctl start buildomat-agent.service",
    ]);
    expect(readFileSync(machine.at("etc/hostname"), "utf8")).toBe("w-1\n");
    const unit = readFileSync(machine.at("etc/systemd/system/buildomat-agent.service"), "utf8").split("\n");
    expect(unit).toContain(`ExecStart=${machine.at("lib/agent")} run`);
    expect(unit).toContain("StartLimitIntervalSec=0");
    expect(unit).toContain("OOMPolicy=continue");
    const config = readFileSync(machine.at("etc/agent.json"), "utf8");
    expect(JSON.parse(config)).toMatchObject({ baseurl: "http://core", bootstrap: "key" });
    expect(tokenIn(machine.options)).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(statSync(machine.at("etc/agent.json")).mode & 0o777).toBe(0o640);
    expect(statSync(machine.at("usr/bin/bmat")).ino).toBe(statSync(machine.at("lib/agent")).ino);
    expect(statSync(machine.at("lib/agent")).mode & 0o777).toBe(0o755);
    expect(readlinkSync(machine.at("bin/bmat"))).toBe("../usr/bin/bmat");
    expect(existsSync(machine.at("input"))).toBe(true);
  });

  test("watches over the agent itself where there is no systemd", () => {
    using machine = aMachine();
    install(machine.options, ["http://core", "key"]);
    expect(machine.calls).toEqual([`detached /bin/sh ${machine.at("lib/supervise.sh")}`]);
  });

  test("can be repeated, and keeps the token that the core may know", () => {
    using machine = aMachine();
    install(machine.options, ["http://core", "key"]);
    const token = tokenIn(machine.options);
    install({ ...machine.options, program: machine.at("lib/agent") }, ["http://core", "key"]);
    expect(tokenIn(machine.options)).toBe(token);
    install(machine.options, ["http://core", "another key"]);
    expect(tokenIn(machine.options)).not.toBe(token);
  });

  test("goes on when the machine cannot be named", () => {
    using machine = aMachine();
    const failing = () => {
      throw new Error("not permitted");
    };
    install({ ...machine.options, helper: failing }, ["-N", "w-1", "http://core", "key"]);
    expect(machine.calls[0]).toBe("warning: cannot name this machine w-1: not permitted");
    expect(existsSync(machine.at("lib/agent"))).toBe(true);
  });

  test.each([[[]], [["http://core"]], [["-N", "w-1"]], [["-N", "w-1", "http://core"]]])(
    "with %p explains itself",
    (args: string[]) => {
      using machine = aMachine();
      expect(() => install(machine.options, args)).toThrow("Usage: agent install");
      expect(machine.calls).toEqual([]);
    },
  );
});
