import { join } from "node:path";
import { type AnyElysia, Elysia } from "elysia";
import type { Core } from "../core.ts";
import { fileResponse } from "../http/ranges.ts";
import { AgentBinary, type Download } from "./binary.ts";
import installScript from "./install.sh" with { type: "text" };

/** What the install script of a new machine downloads; query hints of old scripts are ignored, as all agents are for Linux. */
export const agentRoutes = (core: Core): AnyElysia => {
  const binary = new AgentBinary(core.config.general.agent, join(core.config.general.data, "agent"));
  return new Elysia({ name: "agent-binary" })
    .get("/file/install.sh", () => new Response(installScript, { headers: { "content-type": "text/x-shellscript" } }))
    .get("/file/agent", async ({ request }) => answer(request, await binary.plain()))
    .get("/file/agent.gz", async ({ request }) => answer(request, await binary.compressed()))
    .get("/file/agent.sha256", async () => new Response(`${(await binary.plain()).sha256}  agent\n`));
};

function answer(request: Request, { path, sha256 }: Download): Response {
  const response = fileResponse({ request, path, sha256 });
  response.headers.set("x-buildomat-sha256", sha256);
  return response;
}
