import type { Cloud, Instance } from "./cloud.ts";

const TTL = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN = "x-aws-ec2-metadata-token";

/** For a machine that cannot be told its own address: means the one that lives, where there is no other. */
export const ONLY = { id: "only" };

/**
 * The instance metadata service, version 2 alone, as far as machines need it. Each instance has an address of its own, since all
 * of them share the host's network. Source: "Use the Instance Metadata Service" in the EC2 user guide.
 */
export class Metadata implements AsyncDisposable {
  readonly #cloud: Cloud;
  /** How often it was asked for what is at a path. */
  asked = 0;
  readonly #tokens = new Map<string, { id: string; until: number }>();
  readonly #server;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#answer(request) });
  }

  urlFor({ id }: Pick<Instance, "id">): string {
    return `${this.#server.url.href}${id}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  #answer(request: Request): Response {
    const [, id = "", ...rest] = new URL(request.url).pathname.split("/");
    const instance = id === ONLY.id ? this.#cloud.living()[0] : this.#cloud.instances.get(id);
    const path = rest.join("/");
    if (!instance) return new Response("", { status: 404 });
    if (path === "latest/api/token") return this.#token(request, id);
    this.asked++;
    const { id: of, until = 0 } = this.#tokens.get(request.headers.get(TOKEN) ?? "") ?? {};
    if (of !== id || this.#cloud.world.now() > until) return new Response("", { status: 401 });
    if (path === "latest/user-data" && instance.userData !== "") return new Response(instance.userData);
    if (path === "latest/meta-data/spot/instance-action" && instance.notice !== undefined)
      return Response.json({ action: "terminate", time: instance.notice });
    return new Response("", { status: 404 });
  }

  #token(request: Request, id: string): Response {
    const seconds = Number(request.headers.get(TTL));
    if (request.method !== "PUT") return new Response("", { status: 405 });
    if (!(seconds >= 1 && seconds <= 21_600)) return new Response("", { status: 400 });
    const token = this.#cloud.world.id();
    this.#tokens.set(token, { id, until: this.#cloud.world.now() + seconds * 1000 });
    return new Response(token, { headers: { [TTL]: String(seconds) } });
  }
}
