import { expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silent } from "../../common/logger.ts";
import { openDirectory } from "./fixture/host.ts";
import { identityOf } from "./pidfd.ts";
import { defaultStateDir, StateDir } from "./state.ts";

test("ends what a killed factory noted, and nobody who was given the number since", async () => {
  const path = openDirectory();
  const [stray, other] = [Bun.spawn(["sleep", "100"]), Bun.spawn(["sleep", "100"])];
  mkdirSync(join(path, "boxes"));
  writeFileSync(join(path, "boxes", String(stray.pid)), identityOf(stray.pid) ?? "");
  writeFileSync(join(path, "boxes", String(other.pid)), `${identityOf(other.pid)}0`);
  const state = new StateDir(path, silent);
  await stray.exited;
  expect(stray.signalCode).toBe("SIGKILL");
  expect(other.signalCode).toBeNull();
  other.kill();
  state.remove();
  expect(existsSync(path)).toBe(false);
});

test("lets the ids of boxes through, whatever the umask, and keeps one copy of the agent", () => {
  const before = process.umask(0o077);
  const parent = openDirectory();
  const state = new StateDir(join(parent, "state"), silent);
  const original = join(parent, "agent");
  writeFileSync(original, "one");
  const first = state.agent(original);
  expect(state.agent(original)).toBe(first);
  writeFileSync(original, "other one");
  const second = state.agent(original);
  process.umask(before);
  expect(existsSync(first)).toBe(false);
  expect([state.path, state.stage, second].map((path) => statSync(path).mode & 0o001)).toEqual([1, 1, 1]);
  rmSync(parent, { recursive: true });
});

test("lies elsewhere for each server", () => {
  expect(defaultStateDir("/srv/a")).not.toBe(defaultStateDir("/srv/b"));
  expect(defaultStateDir("/srv/a")).toBe(defaultStateDir("/srv/a"));
});
