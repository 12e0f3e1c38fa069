import { RequestError } from "@octokit/request-error";
import { candidates } from "../../core/common/command/candidates.ts";
import type { Program } from "../../core/common/command/command.ts";
import type { Surroundings } from "../../core/common/command/dispatch.ts";
import { Refused } from "../../core/common/refused.ts";
import type { World } from "../../core/common/world.ts";
import { version } from "../../package.json";
import { GLOBAL } from "./command.ts";
import { type Context, createContext } from "./context.ts";
import { tree } from "./tree.ts";

export function dbtool(world: World, around: Surroundings): Program<Context> {
  return {
    name: "wollongong-dbtool",
    version,
    tree,
    global: GLOBAL,
    context(given) {
      const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
      const configFile = text("config") ?? "etc/app.toml";
      const complete = (words: readonly string[]) => candidates({ tree, global: GLOBAL }, words);
      return createContext({ world, ...around, json: given["json"] === true, configFile, file: text("db"), complete });
    },
    explain(error) {
      if (error instanceof RequestError) return `GitHub answers ${error.status}: ${error.message}`;
      return error instanceof Refused ? error.message : undefined;
    },
  };
}
