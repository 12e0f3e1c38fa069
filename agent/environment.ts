import { readFileSync } from "node:fs";

export interface User {
  name: string;
  home: string;
}

export interface Machine {
  /** The user's entry in the account database; undefined for a number without a name. */
  user(uid: number): User | undefined;
  locale: string;
}

const PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/opt/ooce/bin:/opt/ooce/sbin";

/** What every command that the agent starts for itself or a job finds in its environment. */
export function baseEnvironment({ user, locale }: Machine, uid: number): Record<string, string> {
  const { name, home } = user(uid) ?? { name: String(uid), home: "/" };
  return { HOME: home, USER: name, LOGNAME: name, TZ: "UTC", PATH, LANG: locale, LC_ALL: locale };
}

interface TaskOfJob {
  id: number;
  uid: number;
  env_clear: boolean;
  env: Record<string, string>;
}

/** The environment of a task: nothing is inherited from the agent, and what the task asks for wins. */
export function taskEnvironment(machine: Machine, job: string, { id, uid, env_clear, env }: TaskOfJob): Record<string, string> {
  if (env_clear) return { ...env };
  return { ...baseEnvironment(machine, uid), BUILDOMAT_JOB_ID: job, BUILDOMAT_TASK_ID: String(id), ...env };
}

/** @param passwd text of an /etc/passwd */
export function userOf(passwd: string, uid: number): User | undefined {
  for (const line of passwd.split("\n")) {
    const [name, , id, , , home] = line.split(":");
    if (name && home && id === String(uid)) return { name, home };
  }
  return undefined;
}

/** The machine that the agent runs on, looked at anew each time: a task may add users. */
export const thisMachine = (hasLocale: (name: string) => boolean): Machine => ({
  user: (uid) => userOf(readPasswd(), uid) ?? (uid === 0 ? { name: "root", home: "/root" } : undefined),
  // Where the usual locale is missing, as on a plain Debian, every bash would begin with a warning.
  locale: hasLocale("en_US.UTF-8") ? "en_US.UTF-8" : "C.UTF-8",
});

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}
