import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import Bottleneck from "bottleneck";
import type { World } from "../../core/common/world.ts";
import type { Config } from "../config.ts";

const Kit = Octokit.plugin(retry, throttling);

/** Of one request, ms. */
const DEADLINE = 45_000;
const API_VERSION = "2022-11-28";
const LONG_AGO = 3_000;

interface GitHubOptions {
  config: Config;
  /** PEM. */
  privateKey: string;
  world: World;
  /** Told of each request that was made. */
  onCall?: (route: string, status: number) => void;
}

/** GitHub's REST API, as the App itself or as one of its installations, whose tokens are kept while they are valid. */
export class GitHub {
  readonly #options: GitHubOptions;
  readonly #installations = new Map<number, Octokit>();
  // The plugin's own pace, one write a second and one token after the other in the whole process, is for bots that talk to people:
  // a slow answer about one installation must not hold up all others. (`auth` is missing in its types.)
  readonly #throttle = {
    write: new Bottleneck.Group({ maxConcurrent: 8 }),
    auth: new Bottleneck.Group({ maxConcurrent: 8 }),
    onRateLimit: () => false,
    onSecondaryRateLimit: () => false,
  };
  /** For `/app` and its kind. */
  readonly app: Octokit;

  constructor(options: GitHubOptions) {
    this.#options = options;
    this.app = this.#kit();
  }

  as(installation: number): Octokit {
    const known = this.#installations.get(installation) ?? this.#kit(installation);
    this.#installations.set(installation, known);
    return known;
  }

  #kit(installationId?: number): Octokit {
    const { config, privateKey, world } = this.#options;
    const silent = () => {};
    const kit = new Kit({
      authStrategy: createAppAuth,
      auth: { appId: config.id, privateKey, ...(installationId === undefined ? {} : { installationId }) },
      baseUrl: config.github.api_url.replace(/\/$/, ""),
      userAgent: "buildomat-wollongong/1",
      log: { debug: silent, info: silent, warn: silent, error: silent },
      request: {
        fetch: (url: string, init: RequestInit) =>
          world.fetch(url, {
            ...init,
            signal: AbortSignal.any([AbortSignal.timeout(DEADLINE), ...(init.signal ? [init.signal] : [])]),
          }),
      },
      // Two quick tries more; what lasts longer is the business of whoever asked, who can do something else meanwhile.
      retry: { retries: 2, retryAfterBaseValue: LONG_AGO / 10 },
      throttle: this.#throttle,
    });
    kit.hook.before("request", (options) => {
      options.headers["x-github-api-version"] = API_VERSION;
    });
    return kit;
  }
}
