import type { Command, Options } from "../core/common/command/command.ts";
import type { Context } from "./context.ts";

export const defineCommand = <const O extends Options>(command: Command<Context, O>): Command<Context, O> => command;

/** Options that every command takes. Their short forms give way to a command's own. */
export const GLOBAL = {
  help: { about: "show this help" },
  version: { about: "show the version" },
  json: { short: "j", about: "print JSON" },
  profile: { short: "p", value: "PROFILE", about: "use this profile of the configuration file" },
  delegate: { short: "D", value: "USERNAME", about: "act as this user (needs the privilege delegate)" },
} as const satisfies Options;
