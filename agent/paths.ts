/** Where the agent keeps things. Tests hand in a directory of their own. */
export interface Paths {
  /** agent.json with the credentials, and job.json, which says that this machine has had its job. */
  etc: string;
  /** Scripts while they run; for root alone to write. */
  run: string;
  /** The installed program. */
  lib: string;
  input: string;
  /** The control socket. */
  socket: string;
  /** Password file and home of root, where a factory may ask for a way in. */
  shadow: string;
  root: string;
}

export const PATHS: Paths = {
  etc: "/opt/buildomat/etc",
  run: "/opt/buildomat/run",
  lib: "/opt/buildomat/lib",
  input: "/input",
  socket: "/var/run/buildomat.sock",
  shadow: "/etc/shadow",
  root: "/root",
};
