import { availableParallelism, totalmem } from "node:os";
import { type Static, Type } from "@sinclair/typebox";
import { priorityConfig } from "../priority.ts";
import { MOST_SLOTS } from "./map.ts";

const size = (description: string) => Type.String({ pattern: "^[1-9][0-9]*[kmgKMG]?$", description });

/** `[sandbox]` of server.toml: machines made of namespaces on this host. */
export const sandboxConfig = Type.Object(
  {
    slots: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MOST_SLOTS, description: "jobs at once; unless told, the number of cores" }),
    ),
    warm: Type.Integer({
      minimum: 0,
      maximum: 16,
      default: 1,
      description: "boxes that wait for a job beside those at work, of each image",
    }),
    isolation: Type.Union([Type.Literal("namespaces"), Type.Literal("process")], {
      default: "namespaces",
      description:
        "`process` runs a job as plain processes of this host, with NO isolation, on a machine that is there for one job",
    }),
    network: Type.Union([Type.Literal("host"), Type.Literal("none"), Type.Literal("outbound")], {
      default: "host",
      description: "`none`: a job reaches the core alone; `outbound`: also the world, but nothing on this host",
    }),
    memory: Type.Optional(
      size(
        "most memory of a job with all it writes, such as `4g`; unless told, three quarters of the host's, shared among the slots",
      ),
    ),
    disk: Type.Optional(
      size("most that a job may write, which lies in memory; unless told, half the host's memory, shared among the slots"),
    ),
    processes: Type.Integer({ minimum: 16, default: 4096, description: "most processes and threads of each user of a job" }),
    state_dir: Type.Optional(Type.String({ description: "where boxes are kept; every parent must be open to all (mode o+x)" })),
    targets: Type.Record(
      Type.String(),
      Type.Object(
        {
          image: Type.Optional(
            Type.String({
              description:
                "path of a root file system made by `buildomat-server image build`; unless told, the host's own /usr, read-only",
            }),
          ),
          priority: priorityConfig,
        },
        { additionalProperties: false },
      ),
      { default: { default: {} }, description: "by name, the targets whose jobs run here" },
    ),
  },
  { additionalProperties: false },
);

export type SandboxConfig = Static<typeof sandboxConfig>;

/** What a box may use; bytes. */
export interface Limits {
  slots: number;
  memory: number;
  disk: number;
  processes: number;
}

const LEAST_DISK = 2 * 1024 ** 3;

/** The limits of each box, with what the config leaves open filled in from this host. */
export function limitsOf(config: SandboxConfig): Limits {
  const slots = config.slots ?? Math.min(availableParallelism(), MOST_SLOTS);
  const share = totalmem() / slots;
  return {
    slots,
    memory: config.memory ? bytesOf(config.memory) : Math.floor(share * 0.75),
    disk: config.disk ? bytesOf(config.disk) : Math.max(LEAST_DISK, Math.floor(share / 2)),
    processes: config.processes,
  };
}

const UNITS = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `4g` as a number of bytes. */
export function bytesOf(size: string): number {
  const unit = size.at(-1)?.toLowerCase() ?? "";
  return Number.parseInt(size, 10) * (unit in UNITS ? UNITS[unit as keyof typeof UNITS] : 1);
}
