import { filesInWords, sizeInWords } from "../common/backup/words.ts";
import { Explained } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { World } from "../common/world.ts";
import type { Config } from "../config.ts";
import { backup } from "./backup.ts";
import { restoreFromArchive } from "./from-archive.ts";
import { restore } from "./restore.ts";

interface Surroundings {
  world: World;
  logger: Logger;
}

/** `buildomat-server backup DIR` */
export async function backUpTo(config: Config, to: string, stateOnly: boolean, { world }: Surroundings): Promise<void> {
  const files = await backup(config, to, { world, stateOnly });
  say(`${to}: ${sizeInWords(files)}${stateOnly ? "; the state alone" : ""}`);
}

/** `buildomat-server restore DIR` */
export async function restoreBackup(config: Config, from: string): Promise<void> {
  const count = await restore(config, from);
  say(`${config.general.data}: ${filesInWords(count)} restored from ${from}, each as its hash says`);
}

/** `buildomat-server restore --from-archive` @throws Explained when a record could not be read */
export async function restoreArchive(config: Config, { world, logger }: Surroundings): Promise<void> {
  const { jobs, failed } = await restoreFromArchive(config, { world, logger });
  say(
    `${config.general.data}: ${jobs} ${jobs === 1 ? "job" : "jobs"} restored from the object store; their owners and all factories need new tokens`,
  );
  if (failed.length > 0) throw new Explained(`${failed.length} records could not be read: ${failed.slice(0, 10).join(", ")}`);
}

const say = (text: string) => process.stdout.write(`${text}\n`);
