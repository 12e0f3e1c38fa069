import type { Difference } from "./compare.ts";
import type { Exchange } from "./recording.ts";

/** Calls that are answered with another status here than by the original. */
export const statuses: Record<string, { status: number; why: string }> = {
  "cli 73": { status: 204, why: "a job that is cancelled ends at once, and cancelling may be repeated when the answer was lost" },
  "cli 100": { status: 404, why: "an id that nothing has is not found, rather than a conflict" },
  "cli 101": { status: 400, why: "an id that cannot be one is a bad request, rather than a fault of the server" },
};

interface Meant {
  path: RegExp;
  at: RegExp;
  /** The value here. */
  here: unknown;
  why: string;
}

/** Fields that have another value here. */
export const fields: Meant[] = [
  { path: /^\/0\/factory\/workers$/, at: /\.bootstrap$/, here: "", why: "a machine's key is forgotten once it has been used" },
  {
    path: /^\/0\/factory\/workers$/,
    at: /\.recycle$/,
    here: true,
    why: "a machine whose job has ended is given up at once, not up to a second later",
  },
];

export const meant = ({ path }: Exchange, difference: Difference): Meant | undefined =>
  fields.find((field) => field.path.test(path) && field.at.test(difference.at) && field.here === difference.here);
