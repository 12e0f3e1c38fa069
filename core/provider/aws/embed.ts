import { Client } from "../../client/client.ts";
import type { CallFailed } from "../../client/failure.ts";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import { Loop } from "../loop.ts";
import { prioritiesOf } from "../priority.ts";
import type { RunningFactory } from "../running.ts";
import { Aws, GRACE } from "./aws.ts";
import { type AwsConfig, checkConfig } from "./config.ts";
import { Ec2 } from "./ec2.ts";
import { userDataOf } from "./user-data.ts";

export interface AwsFactoryOptions {
  world: World;
  logger: Logger;
  config: AwsConfig;
  /** Where factory and machines reach the core. */
  url: string;
  /** PEM of the authority that the factory trusts for `url`, where the system does not know it. */
  ca?: string | undefined;
  /** The factory's token. */
  token: string;
  /** Gets another one where it is refused; without it, the factory ends then. */
  renew?: () => string;
}

/** A machine of EC2 boots within a minute or two; one whose agent is silent for so long hangs. */
const PATIENCE = { grace: GRACE, boot: 480_000 };
const EVERY = 7000;

/** Starts a factory of EC2 instances. Its machines live on when it stops. @throws BadConfig */
export function startAwsFactory(options: AwsFactoryOptions): RunningFactory {
  const { world, logger, config, url, token, renew, ca } = options;
  checkConfig(config);
  const ec2 = new Ec2(config);
  const factory = config.factory ?? url;
  const userData = userDataOf({ world, url, ca });
  const onRetry = (error: CallFailed, wait: number) =>
    logger.warn("the core does not answer; trying again", { error: error.message, wait });
  const targets = Object.keys(config.targets);
  const loop = new Loop({
    world,
    logger,
    client: new Client({ world, url, token, renew, patience: Number.POSITIVE_INFINITY, onRetry, ...(ca ? { ca } : {}) }),
    provider: new Aws({ world, logger, config, ec2, factory, userData }),
    targets,
    priorities: prioritiesOf(config.targets),
    limit: config.limit_total,
    patience: PATIENCE,
    every: EVERY,
  });
  logger.info("EC2 factory ready", { region: config.region, limit: config.limit_total, targets });
  return {
    description: `instances of EC2 in ${config.region}`,
    failed: loop.run().then(() => new Promise<never>(() => {})),
    stop: async () => {
      await loop.leave();
      ec2.close();
    },
  };
}
