import type { Static } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { sendFile } from "./archive/recall.ts";
import type { JobOutput } from "./schema.ts";
import type { FileRow, InputRow, OutputRow } from "./table.ts";

type Found = Pick<FileRow, "job" | "id" | "size" | "sha256">;

export const listOutputs = (core: Core, job: string): Static<typeof JobOutput>[] =>
  core.db
    .query<Pick<OutputRow, "path"> & Pick<FileRow, "id" | "size" | "sha256">, [string]>(
      "SELECT path, id, size, sha256 FROM output JOIN file ON file.job = output.job AND file.id = output.file WHERE output.job = +? ORDER BY id",
    )
    .all(job);

/** @throws Refused 404 */
export function outputFile(core: Core, job: string, id: string): Found {
  const found = core.db
    .query<Found, [string, string]>(
      "SELECT file.job, id, size, sha256 FROM output JOIN file ON file.job = output.job AND file.id = output.file WHERE output.job = +? AND id = +?",
    )
    .get(job, id);
  if (!found) throw new Refused(404, `job ${job} has no output ${id}`);
  return found;
}

/** @throws Refused 404 */
export const downloadOutput = (core: Core, request: Request, job: string, id: string): Response | Promise<Response> =>
  sendFile(core, request, outputFile(core, job, id));

/** The bytes lie with the job that they came from. @throws Refused 404 */
export function downloadInput(core: Core, request: Request, job: string, id: string): Response | Promise<Response> {
  const input = core.db
    .query<Pick<InputRow, "other_job">, [string, string]>("SELECT other_job FROM input WHERE job = ? AND file = ? LIMIT 1")
    .get(job, id);
  const found =
    input &&
    core.db
      .query<Found, [string, string]>("SELECT job, id, size, sha256 FROM file WHERE job = ? AND id = ?")
      .get(input.other_job ?? job, id);
  if (!found) throw new Refused(404, `job ${job} has no input ${id}`);
  return sendFile(core, request, found);
}
