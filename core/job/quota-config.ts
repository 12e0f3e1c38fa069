import { type Static, Type } from "@sinclair/typebox";

const most = (value: number, description: string) => Type.Integer({ minimum: 1, default: value, description });

/** `[quota]` of server.toml: how much one user, and one submission, may have. What a job may have beyond that is in `[job]`. */
export const quotaConfig = Type.Object(
  {
    max_active_jobs: most(10_000, "of one user, that have not ended; further ones are refused"),
    max_running_jobs: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: "of one user at a time, further ones wait; without it, as many as there are machines",
      }),
    ),
    max_bytes_mb: most(1024 * 1024, "of all inputs and outputs of one user, MiB, without those of purged jobs"),
    max_tasks: most(64, "of one job"),
    max_inputs: most(25, "of one job"),
    max_depends: most(8, "dependencies of one job"),
    max_output_rules: most(1000, "of one job"),
    max_tags: most(100, "of one job"),
    max_tag_bytes: most(131_072, "names and values of one job's tags together"),
    max_name_bytes: most(1024, "of the name of a job, task, input or dependency"),
    max_path_bytes: most(4096, "of an output rule, an output's path or a working directory"),
    max_script_bytes: most(8 * 1024 * 1024, "of one task's script"),
    max_env_bytes: most(1024 * 1024, "names and values of one task's environment together"),
    max_store_values: most(100, "of one job"),
    max_store_value_bytes: most(10_240, "of one value of a job's store"),
  },
  { additionalProperties: false, default: {} },
);
export type QuotaConfig = Static<typeof quotaConfig>;
