import type { Command, Options } from "../../core/common/command/command.ts";
import { UsageError } from "../../core/common/command/failure.ts";
import type { Context } from "./context.ts";

export const defineCommand = <const O extends Options>(command: Command<Context, O>): Command<Context, O> => command;

export const GLOBAL = {
  help: { about: "show this help" },
  version: { about: "show the version" },
  json: { short: "j", about: "print JSON" },
  config: { short: "f", value: "FILE", about: "configuration of the server (etc/app.toml)" },
  db: { value: "FILE", about: "look into this database, such as a backup, rather than the server's" },
} as const satisfies Options;

/** @throws UsageError */
export function wholeNumber(text: string | undefined, what: string): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`"${text ?? ""}" is not ${what}: expected a whole number`);
}
