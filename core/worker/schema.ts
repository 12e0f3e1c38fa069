import { type Static, Type } from "@sinclair/typebox";
import { LimitQuery } from "../http/paging.ts";
import { Nullable, named, PageToken, Timestamp, Ulid } from "../http/schema.ts";

export const WorkerHold = named(
  "WorkerHold",
  Type.Object({ reason: Type.String({ example: "to look at a disk" }), time: Timestamp }),
);

export const Cost = named(
  "Cost",
  Type.Object(
    {
      currency: Nullable(Type.String({ description: "null where the server has no prices", example: "USD" })),
      instance_seconds: Type.Number({
        minimum: 0,
        description: "from when a machine was asked for until it was destroyed, or until now",
        example: 190.5,
      }),
      money: Nullable(
        Type.Number({ minimum: 0, description: "null where the price of a machine is not known", example: 0.0217 }),
      ),
    },
    {
      description:
        "of a worker's machine, or of all that a job had in its attempts; null while there is none, or where it is not known how long one was there",
    },
  ),
);
export type Cost = Static<typeof Cost>;

export const WorkerJob = named(
  "WorkerJob",
  Type.Object({
    id: Ulid,
    name: Type.String({ example: "build" }),
    owner: Ulid,
    state: Type.String({ example: "running" }),
    tags: Type.Record(Type.String(), Type.String(), { example: { branch: "main" } }),
  }),
);

export const Worker = named(
  "Worker",
  Type.Object({
    bootstrap: Type.Boolean({ description: "its agent has been heard of", example: true }),
    cost: Type.Optional(Nullable(Cost)),
    deleted: Type.Boolean(),
    details: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: "what its factory tells of the machine",
        example: { instance_type: "c7i.2xlarge" },
      }),
    ),
    diagnostics: Type.Boolean(),
    factory: Ulid,
    factory_ip: Type.Optional(Nullable(Type.String({ example: "10.0.0.7" }))),
    factory_private: Type.Optional(Nullable(Type.String({ example: "i-0abc1234def567890" }))),
    hold: Type.Optional(Nullable(WorkerHold)),
    id: Ulid,
    jobs: Type.Array(WorkerJob),
    lastping: Type.Optional(Nullable(Timestamp)),
    recycle: Type.Boolean(),
    target: Ulid,
  }),
);
export type Worker = Static<typeof Worker>;
export const WorkersResult = named("WorkersResult", Type.Object({ workers: Type.Array(Worker) }));
export const WorkerResultsPage = named(
  "WorkerResultsPage",
  Type.Object({ items: Type.Array(Worker), next_page: Type.Optional(Nullable(PageToken)) }),
);
export const WorkerListQuery = Type.Object({
  active: Type.Optional(Type.Boolean()),
  factory: Type.Optional(Ulid),
  ...LimitQuery,
  page_token: Type.Optional(Type.String()),
});

export const WorkerEvent = named(
  "WorkerEvent",
  Type.Object({
    payload: Type.String({ example: "machine is up" }),
    seq: Type.Integer({ minimum: 0, example: 17 }),
    stream: Type.String({ example: "console" }),
    time: Timestamp,
    time_remote: Type.Optional(Nullable(Timestamp)),
  }),
);

export const WorkerBootstrap = named(
  "WorkerBootstrap",
  Type.Object({
    bootstrap: Type.String({ example: "Xb3kQ7vN2mR9tYw5sLh8" }),
    token: Type.String({ minLength: 16, maxLength: 512, example: "zA1eUoKiTnVxBqWrMyCjXb3kQ7vN2mR9" }),
  }),
);
export const WorkerBootstrapResult = named("WorkerBootstrapResult", Type.Object({ id: Ulid }));

const FactoryAddresses = named(
  "FactoryAddresses",
  Type.Object({
    cidr: Type.String({ example: "10.0.0.0/24" }),
    count: Type.Integer({ minimum: 0, maximum: 4_294_967_295, example: 16 }),
    first: Type.String({ example: "10.0.0.16" }),
    gateway: Type.Optional(Nullable(Type.String({ example: "10.0.0.1" }))),
    name: Type.String({ example: "extra" }),
    routed: Type.Boolean(),
  }),
);

export const FactoryMetadata = named(
  "FactoryMetadata",
  Type.Object({
    addresses: Type.Optional(Type.Array(FactoryAddresses)),
    interruption_notices: Type.Optional(
      Nullable(
        Type.String({
          pattern: "^https?://",
          description: "of a machine that may be taken back: address of the metadata service that tells it when",
          example: null,
        }),
      ),
    ),
    dump_to_rpool: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 4_294_967_295, example: null }))),
    post_job_diagnostic_script: Type.Optional(Nullable(Type.String({ example: "dmesg" }))),
    pre_job_diagnostic_script: Type.Optional(Nullable(Type.String({ example: "uname -a" }))),
    root_authorized_keys: Type.Optional(Nullable(Type.String({ example: null }))),
    root_password_hash: Type.Optional(Nullable(Type.String({ example: null }))),
    rpool_disable_sync: Type.Optional(Nullable(Type.Boolean())),
    v: Type.Literal("1"),
  }),
);
export type FactoryMetadata = Static<typeof FactoryMetadata>;

const WorkerPingTask = named(
  "WorkerPingTask",
  Type.Object({
    env: Type.Record(Type.String(), Type.String(), { example: { RUST_BACKTRACE: "1" } }),
    env_clear: Type.Boolean(),
    gid: Type.Integer({ example: 1000 }),
    id: Type.Integer(),
    name: Type.String({ example: "build" }),
    script: Type.String({ example: "cargo build --release" }),
    timeout_seconds: Type.Optional(Nullable(Type.Integer({ example: 3600 }))),
    uid: Type.Integer({ example: 1000 }),
    workdir: Type.String({ example: "/work" }),
  }),
);
const WorkerPingInput = named(
  "WorkerPingInput",
  Type.Object({
    id: Ulid,
    name: Type.String({ example: "source.tar.gz" }),
    sha256: Type.Optional(Type.String()),
    size: Type.Optional(Type.Integer()),
  }),
);
const WorkerPingOutputRule = named(
  "WorkerPingOutputRule",
  Type.Object({
    ignore: Type.Boolean(),
    require_match: Type.Boolean(),
    rule: Type.String({ example: "/work/out/*" }),
    size_change_ok: Type.Boolean(),
  }),
);
const WorkerPingJob = named(
  "WorkerPingJob",
  Type.Object({
    id: Ulid,
    inputs: Type.Array(WorkerPingInput),
    name: Type.String({ example: "build" }),
    output_rules: Type.Array(WorkerPingOutputRule),
    secrets: Type.Optional(
      Type.Array(Type.String(), { description: "names of the store's values that must not show in the log" }),
    ),
    secrets_changed: Type.Optional(Nullable(Timestamp)),
    silence_seconds: Type.Optional(Nullable(Type.Integer({ description: "a task that prints nothing for so long is ended" }))),
    tasks: Type.Array(WorkerPingTask),
    timeout_seconds: Type.Optional(Nullable(Type.Integer({ description: "of the whole job, from its assignment" }))),
  }),
);
export type WorkerPingJob = Static<typeof WorkerPingJob>;
const WorkerPingFactoryInfo = named(
  "WorkerPingFactoryInfo",
  Type.Object({
    id: Ulid,
    name: Type.String({ example: "aws-eu" }),
    private: Type.Optional(Nullable(Type.String({ example: "i-0abc1234def567890" }))),
  }),
);
export const WorkerPingResult = named(
  "WorkerPingResult",
  Type.Object({
    factory_info: Type.Optional(Nullable(WorkerPingFactoryInfo)),
    factory_metadata: Type.Optional(Nullable(FactoryMetadata)),
    job: Type.Optional(Nullable(WorkerPingJob)),
    poweroff: Type.Boolean(),
  }),
);
export type WorkerPingResult = Static<typeof WorkerPingResult>;

const Event = {
  payload: Type.String({ example: "   Compiling buildomat v0.1.0" }),
  stream: Type.String({ pattern: "^[A-Za-z0-9._-]{0,64}$", example: "stdout" }),
  time: Timestamp,
};
export const WorkerAppend = named("WorkerAppend", Type.Object(Event));
export const WorkerAppendJob = named("WorkerAppendJob", Type.Object(Event));
export const WorkerAppendJobOrTask = named(
  "WorkerAppendJobOrTask",
  Type.Object({ ...Event, task: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 4_294_967_295 }))) }),
);
export const WorkerFail = named(
  "WorkerFail",
  Type.Object({ reason: Type.Optional(Nullable(Type.String({ example: "no network" }))) }),
);
/** Who takes machines back, as people call it. */
export const Provider = Type.String({
  pattern: "^[A-Za-z0-9 ]{1,40}$",
  description: "who took the machine back",
  example: "EC2",
});
export const WorkerInterrupted = named("WorkerInterrupted", Type.Object({ by: Provider, time: Timestamp }));
/** Characters of a reason that a worker gives: it is kept for ever. */
export const LONGEST_REASON = 4096;
const Reason = Type.Optional(
  Nullable(Type.String({ maxLength: LONGEST_REASON, description: "for the user: why it failed", example: "out of memory" })),
);
export const WorkerCompleteTask = named("WorkerCompleteTask", Type.Object({ failed: Type.Boolean(), reason: Reason }));
export const WorkerCompleteJob = named("WorkerCompleteJob", Type.Object({ failed: Type.Boolean(), reason: Reason }));
export const WorkerCompleteDiagnostics = named("WorkerCompleteDiagnostics", Type.Object({ hold: Type.Boolean() }));
export const WorkerHoldMark = named(
  "WorkerHoldMark",
  Type.Object({ reason: Type.String({ minLength: 1, example: "to look at a disk" }) }),
);
export const WorkerJobStoreValue = named(
  "WorkerJobStoreValue",
  Type.Object({ secret: Type.Boolean(), value: Type.String({ example: "2.7.1" }) }),
);
export const WorkerJobStoreGet = named("WorkerJobStoreGet", Type.Object({ value: Type.Optional(Nullable(WorkerJobStoreValue)) }));

export const WorkerParams = Type.Object({ worker: Ulid });
