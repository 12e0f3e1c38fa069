import { type Static, Type } from "@sinclair/typebox";

const strict = { additionalProperties: false } as const;
const retention = { minimum: 0, description: "seconds between a job's archiving and its purging" } as const;

/** What may differ for the jobs of one target or one user. */
const override = Type.Object(
  {
    auto: Type.Optional(Type.Boolean()),
    purge: Type.Optional(Type.Boolean()),
    retention: Type.Optional(Type.Integer(retention)),
  },
  strict,
);

const overrides = (of: string) =>
  Type.Record(Type.String(), override, { default: {}, description: `by name, what is different for jobs of a ${of}` });

/** `[archive]` of server.toml: which jobs go to the object store, and when their local copies go. */
export const archiveConfig = Type.Object(
  {
    auto: Type.Boolean({ default: false, description: "archive each job once it has ended" }),
    purge: Type.Boolean({ default: false, description: "remove the local copies of archived jobs after `retention`" }),
    retention: Type.Integer({ ...retention, default: 14 * 24 * 3600 }),
    targets: overrides("target"),
    users: overrides("user, which counts for more than the target"),
  },
  { ...strict, default: {} },
);
export type ArchiveConfig = Static<typeof archiveConfig>;
