import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLogger } from "../core/common/logger.ts";
import { aDirectory, pathsIn } from "./fixture.ts";
import { FactoryMetadata } from "./metadata.ts";

function aMachine(shadow: string) {
  const place = aDirectory();
  const paths = pathsIn(place.path);
  mkdirSync(paths.root);
  writeFileSync(paths.shadow, shadow, { mode: 0o600 });
  const said: string[] = [];
  const metadata = new FactoryMetadata(paths, createLogger({ write: (line) => said.push(line), pretty: false }));
  return { paths, metadata, said, [Symbol.dispose]: () => place[Symbol.dispose]() };
}

const SHADOW = "root:*:19000:0:99999:7:::\nbuild:!:19000:0:99999:7:::\n";

describe("what the factory asks for", () => {
  test("is done once", () => {
    using machine = aMachine(SHADOW);
    machine.metadata.update({ v: "1", root_password_hash: "$6$x", root_authorized_keys: "ssh-ed25519 AAAA\n" });
    expect(readFileSync(machine.paths.shadow, "utf8")).toBe("root:$6$x:19000:0:99999:7:::\nbuild:!:19000:0:99999:7:::\n");
    const keys = join(machine.paths.root, ".ssh/authorized_keys");
    expect(readFileSync(keys, "utf8")).toBe("ssh-ed25519 AAAA\n");
    expect(statSync(join(machine.paths.root, ".ssh")).mode & 0o777).toBe(0o700);
    writeFileSync(keys, "changed");
    machine.metadata.update({ v: "1", root_authorized_keys: "ssh-ed25519 BBBB\n" });
    expect(readFileSync(keys, "utf8")).toBe("changed");
    expect(machine.said).toEqual([]);
  });

  test.each([
    ["with two roots", `${SHADOW}root:*:1:0:9:7:::\n`],
    ["without root", "build:!:19000:0:99999:7:::\n"],
    ["with a broken line", `${SHADOW}odd:1:2\n`],
  ])("leaves a password file %s as it is, and says so", (_, shadow) => {
    using machine = aMachine(shadow);
    machine.metadata.update({ v: "1", root_password_hash: "$6$x" });
    expect(readFileSync(machine.paths.shadow, "utf8")).toBe(shadow);
    expect(machine.said).toHaveLength(1);
  });

  test("is nothing in an unknown version, or when nothing came", () => {
    using machine = aMachine(SHADOW);
    for (const raw of [null, undefined, 5, { v: "2", root_password_hash: "x" }, { v: "2" }]) machine.metadata.update(raw);
    expect(machine.metadata.current).toBeUndefined();
    expect(machine.metadata.addresses).toEqual([]);
    expect(readFileSync(machine.paths.shadow, "utf8")).toBe(SHADOW);
    expect(machine.said).toHaveLength(1);
  });
});
