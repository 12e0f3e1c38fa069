import { bytes } from "../table.ts";
import type { BackedUp } from "./manifest.ts";

/** `1 file`, `12 files` */
export const filesInWords = (count: number): string => (count === 1 ? "1 file" : `${count} files`);

/** What a backup holds: `12 files, 1.50M bytes`. */
export const sizeInWords = (files: readonly BackedUp[]): string =>
  `${filesInWords(files.length)}, ${bytes(files.reduce((sum, { size }) => sum + size, 0))} bytes`;
