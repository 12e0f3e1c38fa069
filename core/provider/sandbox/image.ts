import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Explained } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import { type IdMap, imageMap, ownIds } from "./map.ts";
import { probe } from "./probe.ts";
import { handOver, removeTree, runInside } from "./tree.ts";

export interface BuildImageOptions {
  world: World;
  logger: Logger;
  /** Directory that will hold the root file system; the usual place if undefined. */
  to?: string | undefined;
}

interface Recipe {
  suite: string;
  packages: readonly string[];
}

const RECIPES: Readonly<Record<string, Recipe>> = {
  "debian-12": {
    suite: "bookworm",
    packages: [
      "build-essential",
      "ca-certificates",
      "curl",
      "git",
      "iproute2",
      "procps",
      "python3-minimal",
      "time",
      "unzip",
      "xz-utils",
    ],
  },
};

/** Where images are kept: every parent is open to the ids of boxes. */
export const defaultImage = (name: string): string =>
  ownIds().uid === 0 ? join("/var/lib/buildomat/image", name) : join("/var/tmp", `buildomat-image-${ownIds().uid}`, name);

/**
 * Builds the root file system NAME, for the ids that boxes will have on this host, with mmdebstrap.
 *
 * @throws Error that says what is missing or went wrong
 */
export async function buildImage(name: string, { logger, to }: BuildImageOptions): Promise<void> {
  const recipe = RECIPES[name];
  if (!recipe) throw new Explained(`there is no recipe for the image ${name}: only for ${Object.keys(RECIPES).join(", ")}`);
  if (!Bun.which("mmdebstrap"))
    throw new Explained(
      "an image is built with mmdebstrap, which is not installed here (Debian, Ubuntu: apt-get install mmdebstrap)",
    );
  const at = to ?? defaultImage(name);
  if (existsSync(at))
    throw new Explained(`${at} exists already: remove it first, when no job uses it, or build elsewhere with --to DIR`);
  mkdirSync(dirname(at), { recursive: true });
  const map = await mapOfImages(dirname(at));
  logger.info("building an image", { name, at, packages: recipe.packages.join(" ") });
  const archive = `${at}.tar`;
  await bootstrap(recipe, archive, logger);
  logger.info("unpacking it", { at });
  await unpack(archive, at, map);
  rmSync(archive);
  logger.info(`done: name it in the configuration as targets.NAME = { image = "${at}" }`);
}

async function mapOfImages(stage: string): Promise<IdMap> {
  const { kind, mapOf } = await probe(stage, 0, false);
  if (kind === "single")
    throw new Explained(
      "an image has files of many users, which takes a range of ids: install uidmap, and give this user a line in /etc/subuid and /etc/subgid",
    );
  return kind === "direct" ? imageMap() : mapOf(0);
}

async function bootstrap({ suite, packages }: Recipe, archive: string, logger: Logger): Promise<void> {
  const mode = ownIds().uid === 0 ? "root" : "unshare";
  const command = ["mmdebstrap", `--mode=${mode}`, "--variant=minbase", `--include=${packages.join(",")}`, suite, archive];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const said = await new Response(child.stderr).text();
  for (const line of said.trim().split("\n")) logger.debug(line);
  if ((await child.exited) !== 0) throw new Explained(`mmdebstrap failed: ${said.trim().split("\n").slice(-3).join("; ")}`);
  chmodSync(archive, 0o644); // the unpacking ids are others'
}

/** In full or not at all: under another name until it is done. */
async function unpack(archive: string, at: string, map: IdMap): Promise<void> {
  const unfinished = `${at}.new`;
  if (existsSync(unfinished)) await removeTree(unfinished, map);
  mkdirSync(unfinished);
  chmodSync(unfinished, 0o755);
  await handOver(unfinished, map);
  await runInside(["tar", "-C", unfinished, "--numeric-owner", "--exclude=./dev/*", "-xpf", archive], map);
  writeFileSync(mapFile(at), JSON.stringify(map));
  renameSync(unfinished, at);
}

const mapFile = (image: string) => `${image}.map.json`;

/** The ids that the files of an image belong to. @throws Error if it was not made by `buildImage` */
export function mapOfImage(image: string): IdMap {
  if (!existsSync(mapFile(image)) || !existsSync(image))
    throw new Explained(`there is no image at ${image}: make one with "buildomat-server image build debian-12 --to ${image}"`);
  return JSON.parse(readFileSync(mapFile(image), "utf8")) as IdMap;
}
