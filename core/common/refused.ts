export type RefusedStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 416 | 429 | 503 | 507;

/** An error that the caller may see. Everything else is a fault of ours: logged whole, answered with a bare 500. */
export class Refused extends Error {
  readonly status: RefusedStatus;
  /** For programs, as in the published API: `conflict`, `EINVAL`. */
  readonly code: string | undefined;

  constructor(status: RefusedStatus, message: string, options?: ErrorOptions & { code?: string }) {
    super(message, options);
    this.status = status;
    this.code = options?.code ?? (status === 409 ? "conflict" : undefined);
  }
}
