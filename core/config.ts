import { type Static, Type } from "@sinclair/typebox";
import { archiveConfig } from "./job/archive/config.ts";
import { quotaConfig } from "./job/quota-config.ts";
import { awsConfig } from "./provider/aws/config.ts";
import { sandboxConfig } from "./provider/sandbox/config.ts";
import { storageConfig } from "./storage/config.ts";
import { pricesConfig } from "./worker/price.ts";

const seconds = (value: number, description: string) => Type.Integer({ minimum: 1, default: value, description });
const strict = { additionalProperties: false } as const;

/** server.toml. Times are seconds unless the name says otherwise. */
export const Config = Type.Object(
  {
    general: Type.Object(
      {
        listen: Type.String({ default: "127.0.0.1:9979", pattern: "^.+:[0-9]+$", description: "address and port" }),
        data: Type.String({ default: "data", description: "directory of the databases, logs and files" }),
        baseurl: Type.Optional(Type.String({ pattern: "^https?://", description: "where workers and users reach this server" })),
        agent: Type.Optional(
          Type.Union([Type.String(), Type.Array(Type.String())], {
            description:
              "the compiled agent that workers download, one for each architecture; unless told, those that were built with the server",
          }),
        ),
      },
      { ...strict, default: {} },
    ),
    admin: Type.Object(
      {
        token: Type.String({ minLength: 16, description: "bearer token of the global administrator" }),
        hold: Type.Boolean({ default: false, description: "start with every factory's leases held" }),
      },
      strict,
    ),
    tls: Type.Optional(
      Type.Object(
        {
          certificate: Type.String({ description: "PEM file" }),
          key: Type.String({ description: "PEM file" }),
          authority: Type.Optional(
            Type.String({
              description: "PEM file of who signed the certificate, for sandboxes of a host that does not know them",
            }),
          ),
        },
        strict,
      ),
    ),
    job: Type.Object(
      {
        max_runtime: seconds(24 * 3600, "a job running for longer is ended, and so are diagnostics after it"),
        max_log_mb: Type.Integer({
          minimum: 1,
          default: 4096,
          description: "of one job's log on disk, compressed, MiB; a job that prints more is ended",
        }),
        max_size_per_file_mb: Type.Integer({ minimum: 1, default: 1024, description: "of one input or output, MiB" }),
        max_bytes_mb: Type.Integer({ minimum: 1, default: 64 * 1024, description: "of all files of one job, MiB" }),
        max_interruptions: Type.Integer({
          minimum: 0,
          default: 3,
          description: "so often is a job tried again whose machine its provider took back, beside the retries that it asks for",
        }),
        max_outputs: Type.Integer({ minimum: 1, default: 20_000, description: "files that one job may keep" }),
      },
      { ...strict, default: {} },
    ),
    quota: quotaConfig,
    schedule: Type.Object(
      {
        safety_net: seconds(5, "between two passes that nothing asked for"),
        lease: seconds(60, "a lease that is not renewed ends"),
        boot_limit: seconds(1800, "a machine whose agent was never heard of is recycled"),
        idle_limit: seconds(1800, "a machine that has waited for a job for so long is recycled"),
        silence_limit: seconds(600, "an agent that only polls now and then is given up"),
        long_poll_silence_limit: seconds(30, "an agent that keeps a call open all the time is given up"),
        restart_grace: seconds(45, "after its own start, the server waits so much longer for everybody"),
        hold_limit: seconds(7 * 24 * 3600, "a hold that nobody asked for by hand ends"),
        worker_log_retention: seconds(
          14 * 24 * 3600,
          "what a machine says outside of its job is kept for so long after it was made",
        ),
      },
      { ...strict, default: {} },
    ),
    storage: storageConfig,
    archive: archiveConfig,
    prices: pricesConfig,
    sandbox: Type.Optional(sandboxConfig),
    aws: Type.Optional(awsConfig),
  },
  strict,
);
export type Config = Static<typeof Config>;
