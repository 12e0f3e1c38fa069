import type { FactoryMetadata } from "../client/operations.ts";

/**
 * - `running`: being made or at work;
 * - `stopped`: ended by itself, or by its own agent: nothing runs, but it must still be destroyed;
 * - `ending`: its destruction has begun;
 * - `gone`: nothing of it is left.
 */
export type MachineState = "running" | "stopped" | "ending" | "gone";

/** What the core is told of a worker's machine. */
export interface Identity {
  /** The provider's own name for it, for ever. The worker's `private`. */
  id: string;
  ip?: string;
  /** For the agent; written once. */
  metadata?: FactoryMetadata;
  /** For people: the isolation, its limits. */
  details?: Record<string, string>;
}

export interface Machine extends Identity {
  /** Whose machine it is; undefined for one that is not ours, which is never touched. */
  worker: string | undefined;
  /** The job whose lease it was made for. */
  job: string | undefined;
  state: MachineState;
  /** Who took it back from us, as people call them, where that is why it ends. */
  interrupted?: string;
  /** What the provider says of why it ended, where that was not our doing. */
  ended?: string;
}

/** A machine that is wanted for a leased job. */
export interface Order {
  job: string;
  /** Name of the target. */
  target: string;
  /**
   * Makes the worker's record; call it when a machine can be had.
   * `withJob` hands it the job at once: right for a machine that boots in no time, since the job fails if the machine never comes.
   */
  record(options: { withJob: boolean }): Promise<{ worker: string; bootstrap: string }>;
  /** Ties the machine to the record. The agent is not let in before. */
  announce(identity: Identity): Promise<void>;
}

/** There is nothing to be had for the target at the moment: nobody's fault. The job is leased again when `accepts` says so. */
export class NoRoom extends Error {}

/** A kind of machine: what differs between a sandbox and a cloud. `loop.ts` does the rest for all of them. */
export interface Provider {
  /** Every machine of ours, and what looks like one. */
  list(): Promise<Machine[]>;
  /** Whether a machine could be had now for the target of that name; without it, for every target as long as the factory's limit allows. */
  accepts?(target: string): boolean;
  /** Makes a machine. Resolves when it has been announced; rejects when there will be none, with `NoRoom` where that is nobody's fault. */
  create(order: Order): Promise<void>;
  /** Destroys it, whatever it does. Returns how far that got: `gone`, or `ending` and a later list tells. */
  destroy(machine: Machine): Promise<MachineState>;
  /** Sees to what the provider keeps beside the machines of jobs; called every now and then. @param draining: it is to keep nothing */
  upkeep?(state: { draining: boolean }): Promise<void>;
  /** The last lines of the machine's console, for one that fell silent. */
  console?(machine: Machine): Promise<string[]>;
}
