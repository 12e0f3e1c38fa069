import { type Static, Type } from "@sinclair/typebox";
import { Nullable, named, Timestamp, Ulid } from "../http/schema.ts";
import { FactoryMetadata, WorkerAppend } from "../worker/schema.ts";

const FactoryState = Type.Union(
  [Type.Literal("enabled"), Type.Literal("disabled"), Type.Literal("draining"), Type.Literal("drained")],
  {
    description:
      "enabled: it may take jobs. disabled: it gets no new ones. draining: nor do its machines. drained: they are gone.",
    example: "enabled",
  },
);

export const Factory = named(
  "Factory",
  Type.Object({
    enable: Type.Boolean({ example: true }),
    hold_workers: Type.Boolean(),
    id: Ulid,
    last_ping: Type.Optional(Nullable(Timestamp)),
    name: Type.String({ example: "aws-eu" }),
    state: Type.Optional(FactoryState),
    targets: Type.Optional(Type.Array(Ulid, { description: "what it last asked jobs for" })),
    workers: Type.Optional(Type.Integer({ minimum: 0, description: "whose machine may exist", example: 4 })),
  }),
);
export const FactoryCreate = named(
  "FactoryCreate",
  Type.Object({ name: Type.String({ minLength: 1, maxLength: 256, example: "aws-eu" }) }),
);
export const FactoryCreateResult = named(
  "FactoryCreateResult",
  Type.Object({
    id: Ulid,
    name: Type.String({ example: "aws-eu" }),
    token: Type.String({ example: "Xb3kQ7vN2mR9tYw5sLh8cJd4fGp6zA1eUoKiTnVxBqWrMyCjXb3kQ7vN2mR9tYw5" }),
  }),
);
export const FactoryEnable = named("FactoryEnable", Type.Object({ hold_workers: Type.Optional(Type.Boolean()) }));
export const FactoryPingResult = named(
  "FactoryPingResult",
  Type.Object({
    draining: Type.Optional(Type.Boolean({ description: "it is to end what it keeps without a job" })),
    ok: Type.Boolean({ example: true }),
  }),
);
export const FactoryTarget = named("FactoryTarget", Type.Object({ id: Ulid, name: Type.String({ example: "linux" }) }));

export const FactoryWhatsNext = named(
  "FactoryWhatsNext",
  Type.Object({
    priorities: Type.Optional(
      Type.Record(Type.String(), Type.Integer(), {
        description: "by target; 0 unless told: the oldest job of the highest that has any",
        example: {},
      }),
    ),
    supported_targets: Type.Array(Ulid, { maxItems: 1000 }),
  }),
);
export type FactoryWhatsNext = Static<typeof FactoryWhatsNext>;
export const FactoryLease = named("FactoryLease", Type.Object({ job: Ulid, target: Ulid }));
export const FactoryLeaseResult = named("FactoryLeaseResult", Type.Object({ lease: Type.Optional(Nullable(FactoryLease)) }));
export type FactoryLeaseResult = Static<typeof FactoryLeaseResult>;

export const FactoryLeaseFailure = named(
  "FactoryLeaseFailure",
  Type.Object({
    reason: Type.String({ minLength: 1, maxLength: 1000, example: "EC2 has no image ami-0123456789abcdef0" }),
  }),
);

export const FactoryWorkerCreate = named(
  "FactoryWorkerCreate",
  Type.Object({ job: Type.Optional(Nullable(Ulid)), target: Ulid, wait_for_flush: Type.Optional(Type.Boolean()) }),
);
export type FactoryWorkerCreate = Static<typeof FactoryWorkerCreate>;

export const FactoryWorker = named(
  "FactoryWorker",
  Type.Object({
    bootstrap: Type.String({ description: "single-use key for the agent; empty once it is used", example: "" }),
    hold: Type.Boolean(),
    id: Ulid,
    online: Type.Boolean({ description: "the agent has been heard of", example: true }),
    private: Type.Optional(Nullable(Type.String({ example: "i-0abc1234def567890" }))),
    recycle: Type.Boolean({ description: "destroy the machine, then delete the worker" }),
    target: Ulid,
  }),
);
export type FactoryWorker = Static<typeof FactoryWorker>;
export const FactoryWorkerResult = named("FactoryWorkerResult", Type.Object({ worker: Type.Optional(Nullable(FactoryWorker)) }));

export const FactoryWorkerAssociate = named(
  "FactoryWorkerAssociate",
  Type.Object({
    details: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: "what operators should know of the machine; `instance_type` and `market` (`spot`) tell its price",
        example: { instance_type: "c7i.2xlarge" },
      }),
    ),
    ip: Type.Optional(Nullable(Type.String({ example: "10.0.0.7" }))),
    metadata: Type.Optional(Nullable(FactoryMetadata)),
    private: Type.String({ minLength: 1, description: "the provider's own name of the machine", example: "i-0abc1234def567890" }),
  }),
);
export type FactoryWorkerAssociate = Static<typeof FactoryWorkerAssociate>;

export const FactoryWorkerAppend = named("FactoryWorkerAppend", Type.Object(WorkerAppend.properties));
export const FactoryWorkerAppendResult = named(
  "FactoryWorkerAppendResult",
  Type.Object({ next: Type.Optional(Type.Integer()), retry: Type.Boolean() }),
);

export const FactoryParams = Type.Object({ factory: Ulid });
