import { expect, test } from "bun:test";
import { toolchainOf } from "./toolchain.ts";

test("a job may name its toolchain, or none", () => {
  expect(toolchainOf("1.90.0", () => undefined)).toEqual({ channel: "1.90.0", profile: "default" });
  expect(toolchainOf(false, () => undefined)).toBeUndefined();
});

test("true means what the sources say", () => {
  expect(toolchainOf(true, () => '[toolchain]\nchannel = "nightly"\nprofile = "minimal"\n')).toEqual({
    channel: "nightly",
    profile: "minimal",
  });
  expect(toolchainOf(true, () => '[toolchain]\nchannel = "stable"')).toEqual({ channel: "stable", profile: "default" });
});

test.each([
  ["no file", undefined, "there is no rust-toolchain.toml"],
  ["the old format", "nightly-2025-01-01\n", "old format"],
  ["a path", '[toolchain]\npath = "/opt/rust"', "names a path"],
  ["no channel", "[toolchain]\nprofile = 'minimal'", "names no channel"],
  ["no TOML", "[toolchain\n", "this is not TOML"],
  ["another table", "[tools]\n", "no table [toolchain]"],
])("%s is refused with the reason", (_, text, reason) => {
  expect(() => toolchainOf(true, () => text)).toThrow(reason);
});
