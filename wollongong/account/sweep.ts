import { reasonOf } from "../../core/common/errors.ts";
import { wakeSuitesOf } from "../check/suite.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { installById, learnInstall } from "./installs.ts";
import { learnUser } from "./users.ts";

const EVERY = 3600_000;
const AGAIN = 60_000;

/** Asks GitHub for its installations at the start and now and then: a webhook may have been lost, and GitHub may be down. */
export async function learnInstallations(wo: Wollongong): Promise<void> {
  while (!wo.shutdown.aborted) {
    let wait = EVERY;
    try {
      await sweep(wo);
    } catch (error) {
      if (wo.shutdown.aborted) return;
      wo.logger.warn(`the installations cannot be listed yet: ${reasonOf(error)}`, { error });
      wait = AGAIN;
    }
    await wo.world.sleep(wait, wo.shutdown);
  }
}

async function sweep(wo: Wollongong): Promise<void> {
  for (let page = 1; ; page++) {
    const request = { signal: wo.shutdown };
    const { data } = await wo.github.app.request("GET /app/installations", { per_page: 100, page, request });
    change(wo, () => {
      for (const { id, account, suspended_at } of data) {
        if (!account || !("login" in account)) continue;
        const owner = learnUser(wo, { id: account.id, login: account.login, type: account.type });
        const state = suspended_at ? "suspended" : "active";
        if (installById(wo, id)?.state === state) continue;
        learnInstall(wo, id, owner, state);
        wakeSuitesOf(wo, id);
      }
    });
    if (data.length < 100) return;
  }
}
