/** Version of the layout and of a job's record; what was written once stays readable for ever. */
export const VERSION = 1;

/** Where a job's parts lie in the object store; docs/archive.md. */
export const fileKey = (job: string, file: string): string => `file/${job}/${file}`;
export const logKey = (job: string): string => `log/${VERSION}/${job}.sqlite.zst`;
export const recordKey = (job: string): string => `job/${VERSION}/${job}.json`;

/** Name of a log's copy in the cache. */
export const logCopy = (job: string): string => `log-${job}.sqlite`;
