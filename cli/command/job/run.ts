import { EXIT, Exit } from "../../../core/common/command/failure.ts";
import { inWords } from "../../../core/common/duration.ts";
import { reasonOf } from "../../../core/common/errors.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { printJob } from "../../following.ts";
import { checkInputs, uploadInputs } from "../../inputs.ts";
import { buildSubmission, JOB, type Submission } from "../../submission.ts";

/** How long a submission outlives failures that may pass, ms. It cannot make two jobs. */
const PATIENCE = 30_000;

export default defineCommand({
  options: {
    ...JOB,
    "no-wait": { short: "W", about: "print the id of the job and leave it running" },
    verbose: { short: "v", about: "say how long things took" },
  },
  help: [
    "Runs a script as root on a machine made for it, or with --file what CI would run: a job file, on the working tree as it",
    "is now (without what git ignores). Follows the log until the job is over; ends with status 1 if it failed.",
    "Ctrl-C ends the following, not the job.",
  ].join("\n"),
  async run(context, _, options) {
    await using submission = await buildSubmission(options);
    for (const note of submission.notes) context.out.note(note);
    const started = context.world.now();
    const job = await submit(context, submission);
    if (options.verbose) context.out.note(`submitted in ${inWords(context.world.now() - started)}`);
    if (options["no-wait"]) {
      await (context.json ? context.out.json({ id: job }) : context.out.line(job));
      return EXIT.ok;
    }
    if (!context.json) await context.out.line(`submitted job ${job}`);
    return await printJob(context, job, { timing: options.verbose });
  },
});

/** Makes the job and sends its inputs; a job whose inputs cannot be sent is cancelled, as it would wait for ever. */
async function submit(context: Context, { body, inputs }: Submission): Promise<string> {
  const client = context.user();
  const { out, signal } = context;
  await checkInputs(client, inputs);
  const { id } = await client.call("job_submit", { body }, { signal, patience: PATIENCE });
  try {
    await uploadInputs(context, client, id, inputs);
    return id;
  } catch (error) {
    const gone = await client.call("job_cancel", { path: { job: id } }).then(
      () => `job ${id} was cancelled, as its inputs were not sent`,
      (failure: unknown) => `job ${id} waits for its inputs and could not be cancelled: ${reasonOf(failure)}`,
    );
    if (signal.aborted) throw new Exit(EXIT.interrupted, `\n${gone}`);
    out.note(gone);
    throw error;
  }
}
