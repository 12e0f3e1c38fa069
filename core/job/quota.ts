import type { Static } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { MAX_BODY } from "../http/body.ts";
import { usageOf } from "../user/user.ts";
import type { Quota } from "./quota-schema.ts";

const MIB = 1024 * 1024;

/** Everything that is bounded, as users see it. */
export function describeQuota({ config, files }: Core): Static<typeof Quota> {
  const { max_bytes_mb, max_running_jobs, ...counts } = config.quota;
  return {
    max_bytes_per_input: files.limits.perFile,
    max_bytes_per_output: files.limits.perFile,
    max_bytes_per_job: files.limits.perJob,
    max_bytes_per_user: max_bytes_mb * MIB,
    max_bytes_per_request: MAX_BODY,
    max_log_bytes: config.job.max_log_mb * MIB,
    max_outputs: config.job.max_outputs,
    max_runtime: config.job.max_runtime,
    ...counts,
    ...(max_running_jobs === undefined ? {} : { max_running_jobs }),
  };
}

/** Users may have so many jobs that have not ended, and no more. Part of the open transaction. @throws Refused 429 */
export function requireTurn(core: Core, user: string): void {
  const { max_active_jobs: most } = core.config.quota;
  const { active } = usageOf(core, user);
  if (active >= most)
    throw new Refused(
      429,
      `you have ${active} jobs that have not ended, the limit is ${most}: wait until some have, or cancel some`,
    );
}

/** Whether there is room for another file of the owner of a job. @throws Refused 413 */
export function requireRoom(core: Core, owner: string, bytes: number): void {
  const most = core.config.quota.max_bytes_mb * MIB;
  const { bytes: held } = usageOf(core, owner);
  if (held + bytes > most)
    throw new Refused(
      413,
      `the files of the job's owner have ${held} bytes, ${bytes} more are too many: the limit is ${most}. Purging archived jobs makes room`,
    );
}
