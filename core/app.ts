import { type AnyElysia, Elysia } from "elysia";
import { agentRoutes } from "./agent-binary/routes.ts";
import type { Core } from "./core.ts";
import { factoryAdminRoutes } from "./factory/admin-routes.ts";
import { factoryRoutes } from "./factory/routes.ts";
import { docsRoutes } from "./http/docs.ts";
import { answerErrors } from "./http/errors.ts";
import { openApiDocument } from "./http/openapi.ts";
import { jobAdminRoutes } from "./job/admin-routes.ts";
import { archiveRoutes } from "./job/archive/routes.ts";
import { publishRoutes } from "./job/publish-routes.ts";
import { jobRoutes } from "./job/routes.ts";
import { unpublishedJobRoutes } from "./job/unpublished-routes.ts";
import { jobWorkerRoutes } from "./job/worker-routes.ts";
import { operationsRoutes } from "./operations.ts";
import { targetRoutes } from "./target/routes.ts";
import { userAdminRoutes } from "./user/admin-routes.ts";
import { userRoutes } from "./user/routes.ts";
import { workerAdminRoutes } from "./worker/admin-routes.ts";
import { workerRoutes } from "./worker/routes.ts";

/** The whole HTTP API. */
export function createApp(core: Core): AnyElysia {
  // The faster way to drop unknown fields makes an object of whatever stands where one is expected, so that it passes.
  const app: AnyElysia = new Elysia({ serve: { reusePort: false }, normalize: "typebox" })
    .use(answerErrors(core.logger, (path) => methodsOf(app, path)))
    .use(operationsRoutes(core))
    .use(docsRoutes(() => openApiDocument(app)))
    .use(agentRoutes(core))
    .use(userRoutes(core))
    .use(userAdminRoutes(core))
    .use(targetRoutes(core))
    .use(jobRoutes(core))
    .use(unpublishedJobRoutes(core))
    .use(publishRoutes(core))
    .use(jobAdminRoutes(core))
    .use(archiveRoutes(core))
    .use(jobWorkerRoutes(core))
    .use(workerRoutes(core))
    .use(workerAdminRoutes(core))
    .use(factoryRoutes(core))
    .use(factoryAdminRoutes(core));
  return app;
}

function methodsOf(app: AnyElysia, path: string): string[] {
  const matches = (pattern: string) => new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}/?$`).test(path);
  return [...new Set(app.routes.filter((route) => matches(route.path)).map((route) => route.method))].sort();
}
