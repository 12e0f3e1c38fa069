import type { Instance } from "@aws-sdk/client-ec2";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import { NoRoom } from "../provider.ts";
import type { AwsConfig, AwsTarget } from "./config.ts";
import type { Ec2, Image } from "./ec2.ts";
import { type Launch, launchInput } from "./launch.ts";
import { Places } from "./places.ts";

interface LauncherOptions {
  world: World;
  logger: Logger;
  config: AwsConfig;
  ec2: Ec2;
}

interface Learnt extends Image {
  subnets: { id: string; zone: string }[];
}

/** @param token of this launch: asked for again, it makes no second machine */
export type Wanted = Pick<Launch, "target" | "tags" | "userData" | "token">;

/** Launches instances wherever there is capacity for them. */
export class Launcher {
  readonly places: Places;
  readonly #options: LauncherOptions;
  #subnets: { id: string; zone: string }[] | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.places = new Places(options.world);
  }

  /** Whether there may be capacity now, as far as is known. */
  mayHave(target: AwsTarget): boolean {
    return this.#subnets === undefined || this.places.of(target, this.#subnets).length > 0;
  }

  /** Asks for what a launch must know. @throws Error where EC2 has no such subnets or image */
  async learn(target: AwsTarget): Promise<Learnt> {
    const { ec2 } = this.#options;
    const [subnets, image] = await Promise.all([ec2.subnets(), ec2.image(target.ami)]);
    this.#subnets = subnets;
    return { ...image, subnets };
  }

  /** Tries one place after the other. @throws NoRoom */
  async launch(wanted: Wanted): Promise<Instance> {
    const { ec2, config, logger } = this.#options;
    const { subnets, rootDevice } = await this.learn(wanted.target);
    for (const [at, place] of this.places.of(wanted.target, subnets).entries()) {
      // What another place said may hold for this one too.
      if (!this.places.isOpen(place)) continue;
      try {
        const instance = await ec2.run(launchInput({ ...wanted, config, place, rootDevice, token: `${wanted.token}-${at}` }));
        this.places.had(place);
        return instance;
      } catch (error) {
        if (!this.places.isShort(place, error)) throw error;
        logger.warn("no capacity there", { ...place, for: wanted.token, error });
      }
    }
    throw new NoRoom("EC2 has no capacity for the target");
  }
}
