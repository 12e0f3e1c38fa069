import { type AnyElysia, Elysia } from "elysia";
import { operationsRoutes } from "./operations.ts";
import { answerErrors } from "./page/errors.ts";
import { pageRoutes } from "./page/routes.ts";
import { webhookRoutes } from "./webhook/routes.ts";
import type { Wollongong } from "./wollongong.ts";

/** Everything that is served. */
export const createApp = (wo: Wollongong): AnyElysia =>
  new Elysia({ serve: { reusePort: false } })
    .use(answerErrors(wo))
    .use(operationsRoutes(wo))
    .use(webhookRoutes(wo))
    .use(pageRoutes(wo));
