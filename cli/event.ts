import type { JobEvent } from "../core/client/operations.ts";

const PREFIX: Record<string, string> = {
  stdout: "",
  stderr: "",
  control: "|=| ",
  worker: "|W| ",
  task: "|T| ",
  console: "|C| ",
  panic: "|!| ",
};

/** An event as `job tail` shows it: programs rely on these prefixes. */
export function eventText({ stream, payload }: Pick<JobEvent, "stream" | "payload">): string {
  const prefix = Object.hasOwn(PREFIX, stream) ? PREFIX[stream] : undefined;
  if (prefix !== undefined) return prefix + payload;
  const background = /^bg\.([^.]+)\.(?:stdout|stderr)$/.exec(stream)?.[1];
  return `[${background ?? stream}] ${payload}`;
}
