import type { Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import type { Output } from "./output.ts";
import { didYouMean } from "./suggest.ts";

/** The shells ask the program itself (`PROGRAM complete -- WORDS`), so that what they offer is what it takes. */
const SCRIPTS: Record<string, (program: string, name: string) => string> = {
  bash: (program, name) =>
    [
      `${name}() {`,
      "    local IFS=$'\\n'",
      `    COMPREPLY=($(${program} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))`,
      "}",
      `complete -o default -F ${name} ${program}`,
    ].join("\n"),
  zsh: (program, name) =>
    [
      `#compdef ${program}`,
      `${name}() {`,
      "    local -a found",
      `    found=("\${(@f)$(${program} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
      "    [[ -n ${found[1]} ]] && compadd -a found || _files",
      "}",
      `compdef ${name} ${program}`,
    ].join("\n"),
  fish: (program, name) =>
    [
      `function _${name}`,
      "    set -l words (commandline -opc) (commandline -ct)",
      `    ${program} complete -- $words[2..-1] 2>/dev/null`,
      "end",
      `complete -c ${program} -a '(_${name})'`,
    ].join("\n"),
};

/** The command of a program that prints what its shells read; its tree needs a hidden `complete` too, which prints `candidates`. */
export const completionOf = <C extends { out: Output }>(program: string): Command<C> => ({
  args: ["SHELL"],
  options: {},
  help: [
    "SHELL is bash, zsh or fish. Put one of these where your shell reads it when it starts:",
    "",
    `    bash   eval "$(${program} completion bash)"`,
    `    zsh    eval "$(${program} completion zsh)"`,
    `    fish   ${program} completion fish | source`,
  ].join("\n"),
  async run({ out }, [shell = ""]) {
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (!script) {
      const shells = Object.keys(SCRIPTS);
      throw new UsageError(`no script for "${shell}": there are ${shells.join(", ")}${didYouMean(shell, shells)}`);
    }
    await out.line(script(program, `_${program.replaceAll("-", "_")}`));
  },
});
