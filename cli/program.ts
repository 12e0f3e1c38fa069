import { CallFailed } from "../core/client/failure.ts";
import { candidates } from "../core/common/command/candidates.ts";
import type { Program } from "../core/common/command/command.ts";
import type { Surroundings } from "../core/common/command/dispatch.ts";
import type { World } from "../core/common/world.ts";
import { version } from "../package.json";
import { GLOBAL } from "./command.ts";
import { type Context, createContext } from "./context.ts";
import type { Environment } from "./profile.ts";
import { tree } from "./tree.ts";

/** `buildomat`, in this environment. */
export function buildomat(world: World, env: Environment, around: Surroundings): Program<Context> {
  return {
    name: "buildomat",
    version,
    tree,
    global: GLOBAL,
    context(given) {
      const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
      return createContext({
        world,
        env,
        ...around,
        json: given["json"] === true,
        wantedProfile: text("profile"),
        delegate: text("delegate"),
        complete: (words) => candidates({ tree, global: GLOBAL }, words),
      });
    },
    explain: (error, context) => (error instanceof CallFailed ? context.explain(error) : undefined),
  };
}
