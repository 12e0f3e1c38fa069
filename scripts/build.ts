import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, PROGRAMS, TARGETS } from "./compile.ts";

const USAGE = `Usage: scripts/build [--arch ARCH]... [PROGRAM...]

Compiles programs for Linux to dist/linux-ARCH/, with their hashes in dist/SHA256SUMS. Both architectures (x64, arm64) unless
told, and all programs: ${Object.keys(PROGRAMS).join(", ")}.
`;

class UsageError extends Error {}

/** @returns the words, all of which are known; everything that is if there are none */
function chosen<K extends string>(known: Record<K, unknown>, words: readonly string[], what: string): K[] {
  const keys = Object.keys(known) as K[];
  const isKey = (word: string): word is K => word in known;
  const wrong = words.find((word) => !isKey(word));
  if (wrong !== undefined) throw new UsageError(`there is no ${what} ${wrong}: choose from ${keys.join(", ")}`);
  return words.length > 0 ? words.filter(isKey) : keys;
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { arch: { type: "string", multiple: true, default: [] }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const names = chosen(PROGRAMS, positionals, "program");
  for (const arch of chosen(TARGETS, values.arch, "architecture"))
    for (const name of names) {
      const file = `dist/linux-${arch}/${name}`;
      mkdirSync(`dist/linux-${arch}`, { recursive: true });
      await compile(PROGRAMS[name], file, TARGETS[arch]);
      console.log(`${file} ${(Bun.file(file).size / 1024 / 1024).toFixed(0)} MiB`);
    }
  writeFileSync("dist/SHA256SUMS", await sums());
}

/** Of everything that was ever built, as `sha256sum --check` reads it. */
async function sums(): Promise<string> {
  const files = [...new Bun.Glob("linux-*/*").scanSync("dist")].sort();
  const lines = files.map(async (file) => {
    const hash = new Bun.CryptoHasher("sha256");
    for await (const piece of Bun.file(`dist/${file}`).stream()) hash.update(piece);
    return `${hash.digest("hex")}  ${file}\n`;
  });
  return (await Promise.all(lines)).join("");
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  if (!usage) throw error;
  console.error(`scripts/build: ${error.message}\n\n${USAGE}`);
  process.exit(2);
}
