import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** The programs by the name of their binary: where each begins, and the modules of its threads. */
export const PROGRAMS = {
  "buildomat-agent": ["agent/main.ts"],
  "buildomat-server": ["core/main.ts", "core/log/seal.thread.ts", "core/file/store.thread.ts", "core/storage/transfer.thread.ts"],
  "buildomat-factory": ["core/provider/main.ts"],
  buildomat: ["cli/main.ts"],
  "wollongong-server": ["wollongong/main.ts", "wollongong/report/read.thread.ts"],
  "wollongong-dbtool": ["wollongong/dbtool/main.ts"],
} as const satisfies Record<string, readonly string[]>;

/** Bun's names of what is compiled for, by the architecture. Its runtime for the other one comes from the npm registry. */
export const TARGETS = { x64: "bun-linux-x64", arm64: "bun-linux-arm64" } as const;

/**
 * Compiles a program into one binary, for this host unless told. Identifiers stay as they are: Elysia looks at class names. The binary does not read
 * `.env` and `bunfig.toml` of the directory that it runs in, which may be a stranger's.
 */
export async function compile(entries: readonly string[], outfile: string, target?: string): Promise<void> {
  mkdirSync(dirname(outfile), { recursive: true });
  const flags = [
    "--compile",
    "--bytecode",
    "--format=esm",
    "--minify-syntax",
    "--minify-whitespace",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    // Threads are found by their path from here.
    "--root=.",
    ...(target === undefined ? [] : [`--target=${target}`]),
  ];
  const child = Bun.spawn([process.execPath, "build", ...flags, ...entries, "--outfile", outfile], {
    stdout: "ignore",
    stderr: "pipe",
  });
  const errors = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`cannot compile ${entries[0]}:\n${errors}`);
}

export const compileAgent = (outfile: string): Promise<void> => compile(PROGRAMS["buildomat-agent"], outfile);
