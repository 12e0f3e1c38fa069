import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";

export interface BuildImageOptions {
  world: World;
  logger: Logger;
  /** Directory to build in. */
  to?: string | undefined;
}

export async function buildImage(name: string, { logger, to }: BuildImageOptions): Promise<void> {
  logger.info("building image", { name, to });
  throw new Error(`cannot build ${name}: not yet`);
}
