import type { JobOutput } from "../core/client/operations.ts";
import { UsageError } from "../core/common/command/failure.ts";
import type { Context } from "./context.ts";

/** The output of a job at a path. @throws UsageError that names those that are there */
export async function outputOf(context: Context, job: string, path: string): Promise<JobOutput> {
  const outputs = await context.user().call("job_outputs_get", { path: { job } });
  const found = outputs.find((output) => output.path === path);
  if (found) return found;
  throw noOutput(outputs, path);
}

/** Says which there are instead. */
export function noOutput(outputs: readonly JobOutput[], path: string): UsageError {
  const some = outputs.slice(0, 5).map((output) => `\n    ${output.path}`);
  const more = outputs.length > 5 ? `\n    and ${outputs.length - 5} more` : "";
  return new UsageError(
    outputs.length === 0 ? "the job has no outputs" : `no output of the job is called ${path}; there are${some.join("")}${more}`,
  );
}
