/** What the App may do on GitHub; docs/github.md says what each is for. */
export const PERMISSIONS: Readonly<Record<string, "read" | "write">> = {
  checks: "write",
  contents: "read",
  metadata: "read",
  pull_requests: "read",
  members: "read",
  merge_queues: "read",
};

/** What it is told of. Events about its installations always come. */
export const EVENTS: readonly string[] = [
  "check_run",
  "check_suite",
  "create",
  "delete",
  "merge_group",
  "public",
  "pull_request",
  "push",
  "repository",
];

export const CALLBACK = "/__setup/callback";

/** What GitHub is asked to make an App of. @param base external URL of this server, without a slash at its end */
export const manifestOf = (name: string, base: string) => ({
  name,
  url: base,
  description: "Runs the checks of commits, each on a machine made for it alone",
  hook_attributes: { url: `${base}/webhook`, active: true },
  redirect_url: base + CALLBACK,
  public: false,
  default_permissions: PERMISSIONS,
  default_events: EVENTS,
});
