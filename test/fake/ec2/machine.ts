import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cloud, Instance } from "./cloud.ts";

/** Root needs no namespace for users, and keeps all of them; anybody else has one only. */
const NAMESPACES = [
  ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]),
  ...["--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"],
];

/** Why this host lets no test make machines, in the words of its programs; undefined where it does. */
export function whyNoMachines(): string | undefined {
  const { success, stderr } = Bun.spawnSync(["unshare", ...NAMESPACES, "mount", "-t", "proc", "proc", "/proc"]);
  return success ? undefined : stderr.toString();
}

/** Lets the instances of the cloud be real: each runs its user data in processes and a root of its own, until it is terminated. */
export class Machines implements AsyncDisposable {
  readonly #cloud: Cloud;
  readonly #running = new Map<string, { child: Bun.Subprocess; root: string }>();
  readonly #ending: Promise<void>[] = [];

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.habits.boot = (instance) => this.#boot(instance);
    cloud.habits.end = ({ id }) => this.#ending.push(this.#end(id));
  }

  get running(): number {
    return this.#running.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#ending, ...[...this.#running.keys()].map((id) => this.#end(id))]);
  }

  #boot(instance: Instance): void {
    const root = mkdtempSync(join(tmpdir(), "instance-"));
    writeFileSync(join(root, "user-data"), instance.userData);
    const script = join(import.meta.dir, "machine.sh");
    const child = Bun.spawn(["unshare", ...NAMESPACES, "sh", script, root], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      stdio: ["ignore", "ignore", Bun.file(join(root, "console"))],
    });
    this.#running.set(instance.id, { child, root });
    // A machine whose first process ends has stopped by itself.
    child.exited.then(() => this.#cloud.stop(instance));
  }

  async #end(id: string): Promise<void> {
    const running = this.#running.get(id);
    if (!running) return;
    running.child.kill("SIGKILL");
    await running.child.exited;
    this.#running.delete(id);
    rmSync(running.root, { recursive: true, force: true });
  }
}
