import { UsageError } from "../../core/common/command/failure.ts";
import { didYouMean } from "../../core/common/command/suggest.ts";
import { defineCommand } from "../command.ts";

/** The shells ask the program itself, so that what they offer is what it takes. */
const SCRIPTS: Record<string, string> = {
  bash: [
    "_buildomat() {",
    "    local IFS=$'\\n'",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
    '    COMPREPLY=($(buildomat complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))',
    "}",
    "complete -o default -F _buildomat buildomat",
  ].join("\n"),
  zsh: [
    "#compdef buildomat",
    "_buildomat() {",
    "    local -a found",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
    '    found=("${(@f)$(buildomat complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
    "    [[ -n ${found[1]} ]] && compadd -a found || _files",
    "}",
    "compdef _buildomat buildomat",
  ].join("\n"),
  fish: [
    "function __buildomat_complete",
    "    set -l words (commandline -opc) (commandline -ct)",
    "    buildomat complete -- $words[2..-1] 2>/dev/null",
    "end",
    "complete -c buildomat -a '(__buildomat_complete)'",
  ].join("\n"),
};

export default defineCommand({
  args: ["SHELL"],
  options: {},
  help: [
    "SHELL is bash, zsh or fish. Put one of these where your shell reads it when it starts:",
    "",
    '    bash   eval "$(buildomat completion bash)"',
    '    zsh    eval "$(buildomat completion zsh)"',
    "    fish   buildomat completion fish | source",
  ].join("\n"),
  async run(context, [shell = ""]) {
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (script === undefined)
      throw new UsageError(
        `no script for "${shell}": there are ${Object.keys(SCRIPTS).join(", ")}${didYouMean(shell, Object.keys(SCRIPTS))}`,
      );
    await context.out.line(script);
  },
});
