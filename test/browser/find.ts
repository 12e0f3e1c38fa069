import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** What distributions call it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

export class NoBrowser extends Error {}

/** @param path folders to look in, as $PATH has them @throws NoBrowser, which says how to get one */
export function findChromium(path = process.env["PATH"] ?? ""): string {
  const isProgram = (file: string) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const file = path
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isProgram);
  if (file === undefined)
    throw new NoBrowser(
      "pages cannot be tried in a browser: install one with `apt-get install chromium`, or run scripts/test as root",
    );
  return file;
}
