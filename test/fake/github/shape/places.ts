/** Addresses without a slash at the end. */
export interface Places {
  /** Of the REST API, as https://api.github.com. */
  api: string;
  /** Of pages and git, as https://github.com. */
  web: string;
}

/** RFC 3339 to the second, as GitHub writes times. */
export const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** GitHub's other name for everything: opaque to all but itself. */
export const nodeId = (kind: string, id: number) => Buffer.from(`0:${kind}${id}`).toString("base64");
