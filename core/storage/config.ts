import { type Static, Type } from "@sinclair/typebox";

const strict = { additionalProperties: false } as const;

export const s3Config = Type.Object(
  {
    bucket: Type.String({ minLength: 3, description: "where the objects go" }),
    endpoint: Type.Optional(
      Type.String({ pattern: "^https?://", description: "of a service other than AWS, such as `https://minio.example.com`" }),
    ),
    region: Type.String({ default: "us-east-1" }),
    prefix: Type.String({ default: "", pattern: "^([A-Za-z0-9._-]+/)*$", description: "before every key, such as `buildomat/`" }),
    access_key_id: Type.Optional(
      Type.String({
        description: "with its secret; without both, the AWS SDK's usual sources are asked: environment, profile, role",
      }),
    ),
    secret_access_key: Type.Optional(Type.String()),
    presign: Type.Boolean({
      default: true,
      description: "hand out URLs of the service itself for purged files; `false` where users cannot reach it",
    }),
  },
  strict,
);
export type S3Config = Static<typeof s3Config>;

/** `[storage]` of server.toml: where jobs go when they are archived. */
export const storageConfig = Type.Object(
  {
    directory: Type.Optional(
      Type.String({ description: "where objects are kept without `s3`; unless told, `objects` in the data directory" }),
    ),
    s3: Type.Optional(Type.Object(s3Config.properties, { ...strict, description: "Objects go to any service that speaks S3." })),
    cache_mb: Type.Integer({
      minimum: 1,
      default: 10 * 1024,
      description: "of purged jobs that were read lately, kept in the data directory, MiB",
    }),
  },
  { ...strict, default: {} },
);
export type StorageConfig = Static<typeof storageConfig>;
