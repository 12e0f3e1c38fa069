import { Type } from "@sinclair/typebox";
import { named } from "../http/schema.ts";

const Most = (description: string, example: number) => Type.Optional(Type.Integer({ minimum: 1, description, example }));

/** Answer of `GET /0/quota`: everything that is bounded. */
export const Quota = named(
  "Quota",
  Type.Object({
    max_bytes_per_input: Type.Integer({ minimum: 0, description: "of one input", example: 1_073_741_824 }),
    max_bytes_per_output: Most("of one output", 1_073_741_824),
    max_bytes_per_job: Most("of all files of one job", 68_719_476_736),
    max_bytes_per_user: Most("of all files of one user's jobs that are kept on the server", 1_099_511_627_776),
    max_bytes_per_request: Most("of the body of one call: a submission, a batch of log events, a piece of a file", 10_485_760),
    max_log_bytes: Most("of one job's log on disk", 4_294_967_296),
    max_outputs: Most("of one job", 20_000),
    max_runtime: Most("of one job, seconds", 86_400),
    max_active_jobs: Most("of one user, that have not ended", 10_000),
    max_running_jobs: Most("of one user, at a time; absent: as many as there are machines", 20),
    max_tasks: Most("of one job", 64),
    max_inputs: Most("of one job", 25),
    max_depends: Most("of one job", 8),
    max_output_rules: Most("of one job", 1000),
    max_tags: Most("of one job", 100),
    max_tag_bytes: Most("of all tags of one job", 131_072),
    max_name_bytes: Most("of the name of a job, task, input or dependency", 1024),
    max_path_bytes: Most("of an output rule, an output's path or a working directory", 4096),
    max_script_bytes: Most("of one task's script", 8_388_608),
    max_env_bytes: Most("of one task's environment", 1_048_576),
    max_store_values: Most("of one job", 100),
    max_store_value_bytes: Most("of one value", 10_240),
  }),
);
