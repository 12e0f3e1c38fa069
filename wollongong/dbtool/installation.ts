import type { Octokit } from "@octokit/core";
import type { Options } from "../../core/common/command/command.ts";
import { wholeNumber } from "./command.ts";
import type { Context } from "./context.ts";

/** The option of commands that ask GitHub as an installation rather than as the App itself. */
export const INSTALL = {
  install: { short: "i", value: "INSTALL", about: "ask as this installation" },
} as const satisfies Options;

export function asked(context: Context, install: string | undefined): Octokit {
  const github = context.github();
  return install === undefined ? github.app : github.as(wholeNumber(install, "the number of an installation"));
}
