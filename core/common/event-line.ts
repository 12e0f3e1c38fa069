/** One event of a job's log as the API publishes it. */
export interface PublishedEvent {
  payload: string;
  seq: number;
  stream: string;
  task?: number | null | undefined;
  /** RFC 3339, when the core received it. */
  time: string;
  /** RFC 3339, when the machine wrote it. */
  time_remote?: string | null | undefined;
}

/**
 * An event as a line of the exported log, without the line feed. A sealed log's SHA-256 is over these lines, one LF after
 * each, so the order of the keys and the leaving out of nulls are part of the contract.
 */
export const eventLine = ({ payload, seq, stream, task, time, time_remote }: PublishedEvent): string =>
  JSON.stringify({ payload, seq, stream, task: task ?? undefined, time, time_remote: time_remote ?? undefined });
