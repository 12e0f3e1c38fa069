import { type Static, Type } from "@sinclair/typebox";
import { LimitQuery } from "../http/paging.ts";
import { Nullable, named, PageToken, Timestamp, Ulid, WholeNumber } from "../http/schema.ts";
import { Cost } from "../worker/schema.ts";

export const JobState = Type.Union(
  [Type.Literal("waiting"), Type.Literal("queued"), Type.Literal("running"), Type.Literal("completed"), Type.Literal("failed")],
  {
    description: "waiting: for inputs or other jobs. queued: for a worker. completed and failed are final.",
    example: "completed",
  },
);
export type JobState = Static<typeof JobState>;

export const isFinal = (state: JobState): boolean => state === "completed" || state === "failed";

const Uid = Type.Integer({ minimum: 0, maximum: 4_294_967_295, example: 1000 });
const Env = Type.Record(Type.String(), Type.String(), { example: { RUST_BACKTRACE: "1" } });
const Texts = Type.Record(Type.String(), Type.String(), { example: { branch: "main" } });
const Times = Type.Record(Type.String(), Timestamp, {
  description:
    "submit, ready, leased (a factory took it), launched (its machine was asked for), online (the agent came), assigned, complete; " +
    "the machine may be older than the job",
  example: { submit: "2026-01-02T03:04:05.678Z", complete: "2026-01-02T03:05:06.789Z" },
});
const Size = Type.Integer({ minimum: 0, example: 1048576 });
/** What may stand in a header. */
const HeaderText = Type.String({ pattern: "^[\\x20-\\x7e]*$", maxLength: 1024, example: "text/plain" });
const Sha256 = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description: "SHA-256, hex",
  example: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
});

const Seconds = (description: string) =>
  Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 31_536_000, description, example: 3600 })));
const TaskTimeout = { timeout_seconds: Seconds("the task is ended when it runs for longer") };
const JobLimits = {
  silence_seconds: Seconds("a task is ended when it prints nothing for so long"),
  timeout_seconds: Seconds("the job is ended when it runs for longer, from its assignment to a worker"),
};
const Retries = Type.Integer({
  minimum: 0,
  maximum: 10,
  description: "how often the job is tried again when its machine is lost",
});

export const TaskSubmit = named(
  "TaskSubmit",
  Type.Object({
    env: Env,
    env_clear: Type.Boolean(),
    gid: Type.Optional(Nullable(Uid)),
    name: Type.String({ example: "build" }),
    script: Type.String({ example: "cargo build --release" }),
    ...TaskTimeout,
    uid: Type.Optional(Nullable(Uid)),
    workdir: Type.Optional(Nullable(Type.String({ example: "/work" }))),
  }),
);

export const DependSubmit = named(
  "DependSubmit",
  Type.Object({
    copy_outputs: Type.Boolean(),
    on_completed: Type.Boolean({ example: true }),
    on_failed: Type.Boolean(),
    prior_job: Ulid,
  }),
);

export const JobSubmit = named(
  "JobSubmit",
  Type.Object({
    depends: Type.Optional(Nullable(Type.Record(Type.String(), DependSubmit))),
    inputs: Type.Optional(Nullable(Type.Array(Type.String({ example: "source.tar.gz" })))),
    name: Type.String({ example: "build" }),
    output_rules: Type.Array(Type.String({ example: "/work/out/*" })),
    retries_on_lost_worker: Type.Optional(Nullable(Retries)),
    ...JobLimits,
    tags: Type.Optional(Nullable(Texts)),
    target: Type.String({ example: "linux" }),
    tasks: Type.Array(TaskSubmit),
  }),
);
export type JobSubmit = Static<typeof JobSubmit>;
export const JobSubmitResult = named("JobSubmitResult", Type.Object({ id: Ulid }));

export const Task = named(
  "Task",
  Type.Object({
    env: Env,
    env_clear: Type.Boolean(),
    gid: Type.Optional(Nullable(Uid)),
    name: Type.String({ example: "build" }),
    script: Type.String({ example: "cargo build --release" }),
    state: Type.String({ description: "pending, completed or failed", example: "completed" }),
    ...TaskTimeout,
    uid: Type.Optional(Nullable(Uid)),
    workdir: Type.Optional(Nullable(Type.String({ example: "/work" }))),
  }),
);

export const JobLog = named(
  "JobLog",
  Type.Object({ bytes: Size, count: Type.Integer({ minimum: 0, example: 12345 }), sha256: Sha256 }),
);

const Span = (description: string) => Nullable(Type.Number({ minimum: 0, description, example: 41.5 }));
export const Phases = named(
  "Phases",
  Type.Object(
    {
      boot: Span("until its agent was there; 0 where the machine was there before the job"),
      handover: Span("from then until the job was given to it"),
      queue: Span("from ready until a machine was asked for, or was free"),
      run: Span("from then until it ended"),
    },
    { description: "seconds that an attempt took, one phase after the other; null for what it has not got through" },
  ),
);
export type Phases = Static<typeof Phases>;

export const Attempt = named(
  "Attempt",
  Type.Object({
    number: Type.Integer({ minimum: 1 }),
    phases: Type.Optional(Phases),
    reason: Nullable(Type.String({ description: "why it ended", example: "its machine was destroyed" })),
    state: JobState,
    times: Times,
    worker: Nullable(Ulid),
  }),
);

export const Job = named(
  "Job",
  Type.Object({
    attempts: Type.Optional(Type.Array(Attempt)),
    cancelled: Type.Boolean(),
    cost: Type.Optional(Nullable(Cost)),
    id: Ulid,
    log: Type.Optional(Nullable(JobLog)),
    name: Type.String({ example: "build" }),
    output_rules: Type.Array(Type.String({ example: "/work/out/*" })),
    owner: Ulid,
    retries_on_lost_worker: Type.Optional(Retries),
    ...JobLimits,
    state: JobState,
    tags: Texts,
    target: Type.String({ description: "as submitted", example: "default" }),
    target_real: Type.String({ description: "name of the target that it went to", example: "linux" }),
    tasks: Type.Array(Task),
    time_archived: Type.Optional(Nullable(Timestamp)),
    time_purged: Type.Optional(Nullable(Timestamp)),
    times: Times,
    waiting_for: Type.Optional(
      Type.Array(Type.String({ example: 'a factory that serves target "linux": "aws-eu" is disabled' }), {
        description: "what it waits for, in plain words; not in every list",
      }),
    ),
  }),
);
export type Job = Static<typeof Job>;

export const JobListEntry = named(
  "JobListEntry",
  Type.Object({
    cancelled: Type.Boolean(),
    id: Ulid,
    name: Type.String({ example: "build" }),
    owner: Ulid,
    state: JobState,
    target: Type.String({ description: "The target's name as the user gave it.", example: "default" }),
    target_id: Type.String({ description: "The id of the target that the job went to.", example: "01KDYZ8W3QF5B7N2M9XJ6T4RAC" }),
  }),
);
export type JobListEntry = Static<typeof JobListEntry>;
export const JobListEntryResultsPage = named(
  "JobListEntryResultsPage",
  Type.Object({ items: Type.Array(JobListEntry), next_page: Type.Optional(Nullable(PageToken)) }),
);

export const JobListQuery = Type.Object({
  ...LimitQuery,
  page_token: Type.Optional(Type.String()),
  recent_first: Type.Optional(Type.Boolean()),
  tag: Type.Optional(Type.String({ description: "NAME=VALUE|NAME=VALUE, all of which must match" })),
});

export const JobEvent = named(
  "JobEvent",
  Type.Object({
    payload: Type.String({ example: "   Compiling buildomat v0.1.0" }),
    seq: Type.Integer({ minimum: 0, example: 17 }),
    stream: Type.String({ example: "stdout" }),
    task: Type.Optional(Nullable(Type.Integer({ minimum: 0 }))),
    time: Timestamp,
    time_remote: Type.Optional(Nullable(Timestamp)),
  }),
);

export const JobOutput = named(
  "JobOutput",
  Type.Object({
    id: Ulid,
    path: Type.String({ example: "/work/out/buildomat.tar.gz" }),
    sha256: Type.Optional(Sha256),
    size: Size,
  }),
);

const Commit = {
  chunks: Type.Array(Ulid),
  commit_id: Ulid,
  sha256: Type.Optional(Nullable(Sha256)),
  size: Size,
};
export const JobAddInput = named("JobAddInput", Type.Object({ ...Commit, name: Type.String({ example: "source.tar.gz" }) }));
export const WorkerAddOutput = named(
  "WorkerAddOutput",
  Type.Object({ ...Commit, path: Type.String({ example: "/work/out/buildomat.tar.gz" }) }),
);
/** The original's first forms, which answer when the file stands. */
export const JobAddInputAtOnce = Type.Object({ chunks: Commit.chunks, name: Type.String(), size: Size });
export const WorkerAddOutputAtOnce = Type.Object({ chunks: Commit.chunks, path: Type.String(), size: Size });
const CommitResult = Type.Object({
  complete: Type.Boolean({ example: true }),
  error: Type.Optional(Nullable(Type.String({ example: null }))),
});
export const JobAddInputResult = named("JobAddInputResult", CommitResult);
export const WorkerAddOutputResult = named("WorkerAddOutputResult", CommitResult);
export const UploadedChunk = named("UploadedChunk", Type.Object({ id: Ulid }));

/** `?commit_id=&offset=` of a chunk that is written where it belongs. */
export const ChunkQuery = Type.Object({
  commit_id: Type.Optional(Ulid),
  offset: Type.Optional(WholeNumber({ minimum: 0, description: "in the file that is assembled under commit_id" })),
});

export const JobStoreValue = named(
  "JobStoreValue",
  Type.Object({ secret: Type.Boolean(), value: Type.String({ example: "hunter2" }) }),
);
export const JobStoreValueInfo = named(
  "JobStoreValueInfo",
  Type.Object({
    secret: Type.Boolean(),
    source: Type.String({ example: "user" }),
    time_update: Timestamp,
    value: Type.Optional(Nullable(Type.String({ description: "null for a secret", example: "2.7.1" }))),
  }),
);

const PublicName = Type.String({
  pattern: "^[0-9A-Za-z._-]{2,48}$",
  description: "2 to 48 characters from [0-9A-Za-z._-]",
  example: "v1.2",
});
export const JobOutputPublish = named(
  "JobOutputPublish",
  Type.Object({ name: PublicName, series: PublicName, version: PublicName }),
);
export const JobOutputSignedUrl = named(
  "JobOutputSignedUrl",
  Type.Object({
    content_disposition: Type.Optional(Nullable(HeaderText)),
    content_type: Type.Optional(Nullable(HeaderText)),
    expiry_seconds: Type.Integer({ minimum: 0, maximum: 3600, example: 600 }),
  }),
);
export const JobOutputSignedUrlResult = named(
  "JobOutputSignedUrlResult",
  Type.Object({
    available: Type.Boolean({ example: true }),
    size: Size,
    url: Type.String({ example: "https://buildomat.example/0/signed/..." }),
  }),
);

export const WorkerJobQuota = named(
  "WorkerJobQuota",
  Type.Object({
    max_bytes_per_output: Size,
    max_outputs: Type.Optional(Type.Integer({ minimum: 1, description: "files that a job may keep" })),
  }),
);

export const JobParams = Type.Object({ job: Ulid });
export const OutputParams = Type.Object({ job: Ulid, output: Ulid });
export const InputParams = Type.Object({ job: Ulid, input: Ulid });
export const StoreParams = Type.Object({ job: Ulid, name: Type.String({ example: "version" }) });
export const MinseqQuery = Type.Object({ minseq: Type.Optional(WholeNumber({ minimum: 0 })) });
