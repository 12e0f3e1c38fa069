import { expect, test } from "bun:test";
import { availableParallelism, totalmem } from "node:os";
import { Value } from "@sinclair/typebox/value";
import { parseConfig } from "../../common/config.ts";
import { bytesOf, limitsOf, sandboxConfig } from "./config.ts";

test.each([
  ["1", 1],
  ["512k", 512 * 1024],
  ["3M", 3 * 1024 ** 2],
  ["4g", 4 * 1024 ** 3],
])("%s is a size", (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});

test("an empty section runs the target default on every core, within the host's memory", () => {
  const config = Value.Decode(sandboxConfig, Value.Default(sandboxConfig, {}));
  expect(config).toMatchObject({ isolation: "namespaces", network: "host", targets: { default: {} } });
  const { slots, memory } = limitsOf(config);
  expect(slots).toBe(availableParallelism());
  expect(memory * slots).toBeLessThan(totalmem());
});

test.each([
  ['memory = "lots"', "memory"],
  ["slots = 0", "slots"],
  ['network = "some"', "network"],
  ["colour = 1", "colour"],
  ["[targets.x]\nimages = 1", "targets.x.images"],
])("%s is refused, and said where", (text, key) => {
  expect(() => parseConfig(sandboxConfig, text, "server.toml")).toThrow(`server.toml: ${key}`);
});
