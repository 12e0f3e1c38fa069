/** What the exit status tells. */
export const EXIT = { ok: 0, jobFailed: 1, usage: 2, server: 3, interrupted: 130 } as const;

/** The command cannot be carried out as it was given; the message says what to write instead. */
export class UsageError extends Error {}

/** Ends the program with this status; the message, where there is one, goes to stderr. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number, message = "") {
    super(message);
    this.status = status;
  }
}
