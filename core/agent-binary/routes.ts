import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia } from "elysia";
import type { Core } from "../core.ts";
import { fileResponse } from "../http/ranges.ts";
import { agentsOf } from "./agents.ts";
import { AgentBinaries, type Download } from "./binary.ts";
import installScript from "./install.sh" with { type: "text" };

/** What tells one agent from another; other hints of old scripts are ignored, as all agents are for Linux. */
const query = Type.Object({ mach: Type.Optional(Type.String({ description: "of the machine, as `uname -m` says it" })) });

/** What the install script of a new machine downloads. */
export const agentRoutes = ({ config: { general } }: Core): AnyElysia => {
  const binaries = new AgentBinaries(agentsOf(general), join(general.data, "agent"));
  return new Elysia({ name: "agent-binary" })
    .get("/file/install.sh", () => new Response(installScript, { headers: { "content-type": "text/x-shellscript" } }))
    .get("/file/agent", async ({ request, query: { mach } }) => answer(request, await binaries.of(mach).plain()), { query })
    .get("/file/agent.gz", async ({ request, query: { mach } }) => answer(request, await binaries.of(mach).compressed()), {
      query,
    })
    .get(
      "/file/agent.sha256",
      async ({ query: { mach } }) => new Response(`${(await binaries.of(mach).plain()).sha256}  agent\n`),
      { query },
    );
};

function answer(request: Request, { path, sha256 }: Download): Response {
  const response = fileResponse({ request, path, sha256 });
  response.headers.set("x-buildomat-sha256", sha256);
  return response;
}
