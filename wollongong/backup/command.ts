import { filesInWords, sizeInWords } from "../../core/common/backup/words.ts";
import type { World } from "../../core/common/world.ts";
import { type Config, keyFileOf } from "../config.ts";
import { backup } from "./backup.ts";
import { restore } from "./restore.ts";

/** `wollongong-server backup DIR` */
export async function backUpTo(config: Config, to: string, world: World): Promise<void> {
  const files = await backup(config, to, world);
  say(`${to}: ${sizeInWords(files)}`);
}

/** `wollongong-server restore DIR` */
export async function restoreFrom(config: Config, from: string, world: World): Promise<void> {
  const { files, keyMissing } = await restore(config, from, world);
  say(`${config.data}: ${filesInWords(files)} restored from ${from}, each as its hash says`);
  if (keyMissing) say(`put your copy of the key of the secrets, which is in no backup, to ${keyFileOf(config)}`);
}

const say = (text: string) => process.stdout.write(`${text}\n`);
