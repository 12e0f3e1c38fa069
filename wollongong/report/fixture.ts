import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A report as a real test runner wrote it. */
export const sample = (name: string): string => readFileSync(join(import.meta.dir, "sample", name), "utf8");
