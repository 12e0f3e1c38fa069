import type { Client } from "../core/client/client.ts";
import { reasonOf } from "../core/common/errors.ts";
import type { Logger } from "../core/common/logger.ts";
import type { World } from "../core/common/world.ts";

export interface Watching {
  world: World;
  logger: Logger;
  client: Client;
  /** Ends the watch. */
  shutdown: AbortSignal;
}

const EVERY = 5000;
/** Of one question, ms: the service is next door. */
const DEADLINE = 2000;
const TOKEN_SECONDS = 21_600;

/**
 * Asks the metadata service of a spot instance again and again whether EC2 will take the machine back, and tells the core when.
 * The notice comes two minutes before; until then there is nothing at its path. Never rejects. Source: "Spot Instance
 * interruption notices" and "Use the Instance Metadata Service" (IMDSv2) in the EC2 User Guide.
 *
 * @param service its address, from the factory
 */
export async function watchForNotice(watching: Watching, service: string): Promise<void> {
  const { logger, client, shutdown } = watching;
  const time = await notice(watching, service);
  if (time === undefined) return;
  logger.warn("EC2 will take this machine back", { time });
  await client
    .call("worker_interrupted", { body: { by: "EC2", time } }, { signal: shutdown })
    .catch((error: unknown) => logger.error("the core does not hear that this machine will be taken back", { error }));
}

/** @returns when the machine will be taken back; undefined when nobody wants to know any more */
async function notice({ world, logger, shutdown }: Watching, service: string): Promise<string | undefined> {
  const metadata = new MetadataService(world, service);
  for (let silent = false; !shutdown.aborted; await world.sleep(EVERY, shutdown)) {
    try {
      const time = timeIn(await metadata.get("/latest/meta-data/spot/instance-action"));
      if (time !== undefined) return time;
      silent = false;
    } catch (error) {
      // Said once, not every five seconds.
      if (!silent) logger.warn("cannot ask whether this machine will be taken back", { error: reasonOf(error) });
      silent = true;
    }
  }
  return undefined;
}

/** @returns when the machine goes, RFC 3339 @throws Error for what is no notice */
function timeIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const { action, time } = JSON.parse(text) as Record<string, unknown>;
  if (typeof action !== "string" || typeof time !== "string" || Number.isNaN(Date.parse(time)))
    throw new Error(`no notice of an interruption: ${text}`);
  return new Date(time).toISOString();
}

/** Version 2 of the service, which wants a token with every question. */
class MetadataService {
  readonly #world: World;
  readonly #url: string;
  #token: string | undefined;

  constructor(world: World, url: string) {
    this.#world = world;
    this.#url = url.replace(/\/+$/, "");
  }

  /** What is at a path; undefined where there is nothing. */
  async get(path: string): Promise<string | undefined> {
    this.#token ??= await this.#newToken();
    const answer = await this.#ask(path, { headers: { "x-aws-ec2-metadata-token": this.#token } });
    if (answer.status === 404) return undefined;
    // A token has its time.
    if (answer.status === 401) this.#token = undefined;
    return await textOf(answer);
  }

  async #newToken(): Promise<string> {
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_SECONDS) };
    return await textOf(await this.#ask("/latest/api/token", { method: "PUT", headers }));
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const late = new AbortController();
    const cancel = this.#world.after(DEADLINE, () => late.abort(new Error("the metadata service does not answer")));
    try {
      return await this.#world.fetch(this.#url + path, { ...init, signal: late.signal, redirect: "error" });
    } finally {
      cancel();
    }
  }
}

async function textOf(answer: Response): Promise<string> {
  if (!answer.ok) throw new Error(`the metadata service answers ${answer.status}`);
  return await answer.text();
}
