import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cloud, Instance } from "./cloud.ts";
import { Metadata, ONLY } from "./metadata.ts";

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

/**
 * Lets the instances of the cloud be real: each has processes and a root of its own, until it is terminated. It runs its user data
 * when it boots for the first time, as cloud-init does, and at each later boot what it was told to as a service.
 */
export class Machines implements AsyncDisposable {
  readonly #cloud: Cloud;
  readonly #metadata: Metadata;
  readonly #running = new Map<string, Bun.Subprocess>();
  readonly #roots = new Map<string, string>();
  readonly #ending: Promise<void>[] = [];

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#metadata = new Metadata(cloud);
    cloud.habits.boot = (instance) => this.#boot(instance);
    cloud.habits.halt = ({ id }) => this.#ending.push(this.#halt(id));
    cloud.habits.end = ({ id }) => this.#ending.push(this.#end(id));
  }

  /** Where the one machine that runs finds its metadata. */
  get metadataUrl(): string {
    return this.#metadata.urlFor(ONLY);
  }

  get running(): number {
    return this.#running.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#ending, ...[...this.#roots.keys()].map((id) => this.#end(id))]);
    await this.#metadata[Symbol.asyncDispose]();
  }

  #boot(instance: Instance): void {
    const root = this.#roots.get(instance.id) ?? mkdtempSync(join(tmpdir(), "instance-"));
    this.#roots.set(instance.id, root);
    writeFileSync(join(root, "user-data"), instance.userData);
    const script = join(import.meta.dir, "machine.sh");
    const child = Bun.spawn(["unshare", ...NAMESPACES, "sh", script, root], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", AWS_EC2_METADATA_SERVICE_ENDPOINT: this.#metadata.urlFor(instance) },
      stdio: ["ignore", "ignore", Bun.file(join(root, "console"))],
    });
    this.#running.set(instance.id, child);
    child.exited.then(() => {
      this.#running.delete(instance.id);
      // A machine whose first process ends has stopped by itself.
      this.#cloud.stop(instance);
    });
  }

  async #halt(id: string): Promise<void> {
    const child = this.#running.get(id);
    child?.kill("SIGKILL");
    await child?.exited;
  }

  async #end(id: string): Promise<void> {
    await this.#halt(id);
    const root = this.#roots.get(id);
    this.#roots.delete(id);
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
  }
}
