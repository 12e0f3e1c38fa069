import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/common/command/failure.ts";
import { aFolder } from "./fixture.ts";
import { configFile, type Environment, loadProfile } from "./profile.ts";

const TWO = `
default_profile = "home"
unknown = "is let pass"

[profile.home]
url = "http://127.0.0.1:9979/"
secret = "s1"
name = "ignored"

[profile.work]
url = "https://ci.example"
secret = "s2"
admin_token = "a2"
`;

/** Loads from a file with this text. */
function load(text: string, env: Environment = {}, wanted?: string) {
  using folder = aFolder({ "config.toml": text });
  const file = join(folder.path, "config.toml");
  chmodSync(file, 0o600);
  return loadProfile({ BUILDOMAT_CONFIG: file, ...env }, wanted, (text) => {
    throw new Error(`warned: ${text}`);
  });
}

describe("a profile", () => {
  test("is the one asked for, else that of the environment, else the file's, else `default`", () => {
    expect(load(TWO, { BUILDOMAT_PROFILE: "home" }, "work").name).toBe("work");
    expect(load(TWO, { BUILDOMAT_PROFILE: "work" }).name).toBe("work");
    expect(load(TWO).name).toBe("home");
    expect(load('[profile.default]\nurl = "http://a"\nsecret = "s"').name).toBe("default");
  });

  test("has what the file says, the address without its last slash", () => {
    const { secret, ...rest } = load(TWO);
    expect(rest).toEqual({ name: "home", url: "http://127.0.0.1:9979", adminToken: undefined, ca: undefined });
    expect(secret?.value).toBe("s1");
    expect(secret?.from).toMatch(/^secret in \[profile.home\] of .*config.toml$/);
    expect(load(TWO, {}, "work").adminToken?.value).toBe("a2");
  });

  test("gives way to the environment, key by key", () => {
    expect(load(TWO, { INPUT_SECRET: "other", INPUT_ADMIN_TOKEN: "admin" })).toMatchObject({
      url: "http://127.0.0.1:9979",
      secret: { value: "other", from: "$INPUT_SECRET" },
      adminToken: { value: "admin", from: "$INPUT_ADMIN_TOKEN" },
    });
  });

  test("needs no file where the environment has address and token", () => {
    const env = { INPUT_URL: "http://core", INPUT_SECRET: "s", BUILDOMAT_CONFIG: "/nonexistent" };
    expect(loadProfile(env, "ignored", () => {})).toMatchObject({ name: undefined, url: "http://core", secret: { value: "s" } });
  });

  test.each([
    ["an unknown profile", TWO, "other", 'there is no profile "other" (asked for by --profile)'],
    ["no token", '[profile.default]\nurl = "http://a"', undefined, 'lacks secret = "the token of a user"'],
    ["no address", '[profile.default]\nsecret = "s"', undefined, "lacks url = "],
    [
      "an address without a protocol",
      '[profile.default]\nurl = "localhost:9979"\nsecret = "s"',
      undefined,
      "expected http://... or https://...",
    ],
    ["no TOML", "[profile", undefined, "is not TOML"],
    ["another type", "[profile.default]\nurl = 5", undefined, "profile.default.url: expected string"],
    [
      "an authority that is not there",
      '[profile.default]\nurl = "https://a"\nsecret = "s"\nca = "/nonexistent"',
      undefined,
      "cannot read the certificate authority",
    ],
  ])("with %s is refused", (_, text, wanted, message) => {
    expect(() => load(text, {}, wanted)).toThrow(UsageError);
    expect(() => load(text, {}, wanted)).toThrow(message);
  });
});

test("the file is where the environment says", () => {
  expect(configFile({ BUILDOMAT_CONFIG: "/a/b" })).toBe("/a/b");
  expect(configFile({ XDG_CONFIG_HOME: "/xdg", HOME: "/home/a" })).toBe("/xdg/buildomat/config.toml");
  expect(configFile({ HOME: "/home/a" })).toBe("/home/a/.config/buildomat/config.toml");
});
