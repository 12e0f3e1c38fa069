/** An error whose message says all that a person needs; its cause is for whoever debugs. */
export class Explained extends Error {}

/** What a caught value says, with the chain of its causes: `cannot open x: permission denied`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Explained) return error.message;
  const cause = error.cause === undefined ? "" : reasonOf(error.cause);
  return cause && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message || error.name;
}

/** `ENOENT` and the like, of errors that carry one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
