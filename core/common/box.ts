/** What the factory hands to `agent skeleton`: the template of a box's root, made once per id map and root. */
export interface SkeletonConfig {
  /** An empty directory that belongs to the box's root. */
  at: string;
  /** Unpacked root file system; without it the host's /usr is shown. */
  image?: string;
  /** Whether the id map has a second id, so that a setuid helper can lead from `build` to root. */
  setuid: boolean;
  /** Host paths that no job may see, whatever their mode. */
  hidden: string[];
}

/** What the factory hands to `agent box`, which runs in fresh namespaces and builds its own view of the machine. */
export interface BoxConfig {
  /** Directory made by `agent skeleton` under the same id map. */
  skeleton: string;
  image?: string;
  /** Host path of the agent's binary. */
  agent: string;
  /** Any existing directory: mounted over in the box's namespace only, so all boxes share it. */
  stage: string;
  /** Most bytes that the job may write; they live in memory. */
  disk: number;
  /** Host paths that no job may see, whatever their mode. */
  hidden: string[];
  /** The box has a network namespace of its own; it reaches the core through this socket of the host. */
  socket?: string;
}

/** What the factory hands to `agent box` where jobs run as plain processes: no view is built. */
export interface PlainConfig {
  plain: true;
}

/** The one line that the waiting agent reads from fd 3: what only this job's machine may know. */
export interface BoxStart {
  /** Host name. */
  name: string;
  baseurl: string;
  bootstrap: string;
  /** Socket in the box through which `baseurl` is reached. */
  unix?: string;
  /** PEM of the authority to trust for `baseurl`, where the system does not know it. */
  ca?: string;
  /** Text for /etc/resolv.conf; the machine's own is kept where there is none. */
  resolvers?: string;
  /** The box has one id: a task of another user runs under `unshare --user --map-user=UID --map-group=GID`. */
  single_id: boolean;
  /** Most processes and threads of a task's user, set on the task (`ulimit -u`), never on the agent: it would abort. */
  processes: number;
}

/** Descriptor on which the agent finds its `BoxStart`. */
export const START_FD = 3;
/** Where the agent's binary lies in a box. */
export const AGENT_IN_BOX = "/opt/buildomat/lib/agent";
/** Where `BoxConfig.socket` appears in a box. */
export const SOCKET_IN_BOX = "/run/buildomat-core.sock";
/** The user that jobs run as unless they say otherwise. */
export const BUILD_ID = 12345;
