/** A factory at work, whatever makes its machines. */
export interface RunningFactory {
  /** What jobs get here: `namespaces, id range map, host /usr read-only, host network`. */
  description: string;
  /** Rejects when the core refuses the factory for good. */
  failed: Promise<never>;
  /** Ends the work. Machines that cannot live without the factory are destroyed, and nothing of them is left; others stay. */
  stop(): Promise<void>;
}
