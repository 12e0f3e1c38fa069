import { expect, test } from "bun:test";
import { candidates } from "../core/common/command/candidates.ts";
import { GLOBAL } from "./command.ts";
import { buildomat } from "./fixture.ts";
import { tree } from "./tree.ts";

test.each([
  [["jo"], ["job"]],
  [
    ["job", ""],
    ["run", "list", "tail", "join", "cancel", "outputs", "copy", "dump", "timings", "why", "sign", "publish", "verify", "store"],
  ],
  [["a", "us"], ["user"]],
  [
    ["-p", "local", "job", "t"],
    ["tail", "timings"],
  ],
  [
    ["job", "run", "--s"],
    ["--script", "--script-file", "--source", "--silence"],
  ],
  [["job", "run", "--target", ""], []],
  [["nonsense", ""], []],
  [["job", "tail", ""], []],
])("after %p comes %p", async (words, expected) => {
  expect(await candidates({ tree, global: GLOBAL }, words)).toEqual(expected);
});

test.each(["bash", "zsh", "fish"])("%s gets a script", async (shell) => {
  const { status, stdout } = await buildomat(["completion", shell]);
  expect(status).toBe(0);
  expect(stdout).toContain("buildomat complete -- ");
});

test("bash completes with it", () => {
  const main = `${import.meta.dir}/main.ts`;
  const script = [
    `buildomat() { '${process.execPath}' '${main}' "$@"; }`,
    'eval "$(buildomat completion bash)"',
    "COMP_WORDS=(buildomat job ta) COMP_CWORD=2",
    "_buildomat",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
    'echo "${COMPREPLY[@]}"',
  ].join("\n");
  const run = Bun.spawnSync(["bash", "-c", script]);
  expect(run.stdout.toString()).toBe("tail\n");
});
