import type { Client } from "../core/client/client.ts";
import type { WorkerPingJob, WorkerPingTask } from "../core/client/operations.ts";
import type { Logger } from "../core/common/logger.ts";
import type { Mask } from "../core/common/mask.ts";
import type { World } from "../core/common/world.ts";
import type { Background } from "./background.ts";
import type { Machine } from "./environment.ts";
import type { EventLog } from "./events.ts";
import type { Limits, Start } from "./exec.ts";
import type { FactoryMetadata } from "./metadata.ts";
import type { Paths } from "./paths.ts";
import type { Pings } from "./ping.ts";
import type { Secrets } from "./secrets.ts";
import type { TimeLimit } from "./time-limit.ts";

/** What the parts of a running agent work with. */
export interface Agent {
  readonly world: World;
  readonly logger: Logger;
  readonly client: Client;
  readonly paths: Paths;
  readonly machine: Machine;
  readonly limits: Limits;
  readonly mask: Mask;
  readonly start: Start;
  readonly pings: Pings;
  /** Events about this machine rather than its job. */
  readonly log: EventLog;
  readonly metadata: FactoryMetadata;
  /** Fires when the agent itself is to end. */
  readonly shutdown: AbortSignal;
  /** The one job of this machine, once it has been given out. */
  job: Job | undefined;
  /** It has looked at its machine before taking a job. */
  checked: boolean;
  /** It is to look at its machine after the job; resolves once the core knows, and waits for it. */
  review: Promise<void> | undefined;
  /** It asks whether its machine will be taken back, where that may happen. */
  watch: Promise<void> | undefined;
}

export interface Job {
  readonly id: string;
  readonly spec: WorkerPingJob;
  readonly log: EventLog;
  readonly secrets: Secrets;
  /** Fires, with a reason for a person, when nothing of this job is wanted any more. */
  readonly halt: AbortController;
  /** The task that runs, with the processes it has put in the background. */
  running: { task: WorkerPingTask; background: Background } | undefined;
  failed: boolean;
  /** Why it failed, where no task is to blame. */
  reason: string | undefined;
  /** How long it may take to get its inputs and run its tasks. */
  readonly time: TimeLimit;
  /** Its end has been reported. */
  over: boolean;
}

/** Stream of notices about the job as a whole, and of warnings about a task. */
export const NOTICES = "worker";
