import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { type Caller, requireUser } from "../user/auth.ts";
import { hasPrivilege } from "../user/user.ts";
import { getJob } from "./state.ts";
import type { JobRow } from "./table.ts";

/**
 * A job that the caller may see, or change. Holders of `admin.job.read` see every job; only its owner changes one.
 *
 * @throws Refused 401, 404, 403
 */
export function requireJob(core: Core, request: Request, id: string, what: "read" | "write"): { caller: Caller; job: JobRow } {
  const caller = requireUser(core, request);
  const job = getJob(core, id);
  if (job.owner === caller.id) return { caller, job };
  if (what === "read" && hasPrivilege(core, caller.id, "admin.job.read")) return { caller, job };
  throw new Refused(403, `job ${id} is not yours`);
}
