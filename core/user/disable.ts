import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { cancelJob } from "../job/cancel.ts";
import { activeJobsOf } from "../job/queue.ts";
import { getUser } from "./user.ts";

/**
 * Refuses a user's token, and whoever would act as the user, until they are enabled again. Jobs that they have handed in go on,
 * as a build in the middle is often wanted still.
 *
 * @param cancelJobs end them instead @throws Refused 404
 */
export function disableUser(core: Core, id: string, cancelJobs: boolean): void {
  change(core, () => {
    getUser(core, id);
    core.db.query("UPDATE user SET disabled = 1 WHERE id = ?").run(id);
    core.bells.ring("revoked");
    if (cancelJobs) for (const job of activeJobsOf(core, id)) cancelJob(core, job, "an operator, who has disabled the user");
  });
}

/** The user's token is good again. @throws Refused 404 */
export function enableUser(core: Core, id: string): void {
  change(core, () => {
    getUser(core, id);
    core.db.query("UPDATE user SET disabled = 0 WHERE id = ?").run(id);
  });
}
