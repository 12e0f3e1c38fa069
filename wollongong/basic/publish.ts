import { CallFailed } from "../../core/client/failure.ts";
import type { JobFile } from "../../core/jobfile/parse.ts";
import { repositoryById } from "../account/repositories.ts";
import { code, link } from "../check/markdown.ts";
import { getSuite } from "../check/suite.ts";
import type { RunRow } from "../check/table.ts";
import type { Wollongong } from "../wollongong.ts";

interface Publishing {
  core: ReturnType<Wollongong["coreOf"]>;
  run: RunRow;
  file: JobFile;
  outputs: readonly { id: string; path: string }[];
  succeeded: boolean;
}

/**
 * Gives outputs their lasting public address, of which the commit is a part. What was published first stays.
 *
 * @returns what is to be said of each (Markdown)
 */
export async function publishOutputs(wo: Wollongong, { core, run, file, outputs, succeeded }: Publishing): Promise<string[]> {
  const { head_sha: version, repo } = getSuite(wo, run.check_suite);
  const repository = repositoryById(wo, repo);
  const notes: string[] = [];
  for (const { fromOutput, series, name, always } of file.publish) {
    if (!succeeded && !always) continue;
    const output = outputs.find(({ path }) => path === fromOutput);
    if (!output) {
      notes.push(`Not published: there is no output ${code(fromOutput)}.`);
      continue;
    }
    try {
      await core.call("job_output_publish", { path: { job: run.job ?? "", output: output.id }, body: { series, version, name } });
      const path = [repository?.owner ?? "", repository?.name ?? "", series, version, name].map(encodeURIComponent).join("/");
      notes.push(
        `Published: ${link(code(`${series}/${name}`), `${wo.config.base_url}/public/file/${path}`)}, for everyone to read.`,
      );
    } catch (error) {
      if (!(error instanceof CallFailed) || error.passing) throw error;
      const why = error.status === 409 ? "another file was published at this address before, for the same commit" : error.message;
      notes.push(`Not published: ${code(`${series}/${name}`)}: ${why}.`);
    }
  }
  return notes;
}
