import type { WorkerPingOutputRule } from "../core/client/operations.ts";
import { type Disk, realDisk } from "../core/common/disk.ts";
import { codeOf, reasonOf } from "../core/common/errors.ts";
import { Glob } from "./glob.ts";

/** A file that the rules want. */
export interface Wanted {
  path: string;
  size: number;
  /** It may be written to, or vanish, while it is read. */
  mayChange: boolean;
}

interface Rule extends WorkerPingOutputRule {
  glob: Glob;
}

/** The output rules of a job, and which of them have had what they ask for. */
export class OutputRules {
  /** What is wrong with the rules themselves, each a failure of the job. */
  readonly errors: string[] = [];
  readonly #disk: Disk;
  readonly #rules: Rule[] = [];
  readonly #unsatisfied = new Set<Rule>();

  constructor(rules: readonly WorkerPingOutputRule[], disk: Disk = realDisk) {
    this.#disk = disk;
    for (const rule of rules) {
      try {
        this.#rules.push({ ...rule, glob: new Glob(rule.rule) });
      } catch (error) {
        this.errors.push(`the output rule ${rule.rule} cannot be used: ${reasonOf(error)}`);
      }
    }
    for (const rule of this.#rules) if (rule.require_match) this.#unsatisfied.add(rule);
  }

  /**
   * Looks for the files: each once, in the order of the rules; what an ignoring rule matches is left out. Of more than
   * `most` none is wanted: which of them mattered is for the job's owner to say.
   */
  async find(most: number): Promise<{ files: Wanted[]; errors: string[]; warnings: string[] }> {
    const files = new Map<string, Wanted>();
    const errors: string[] = [];
    const warnings: string[] = [];
    for (const rule of this.#rules.filter(({ ignore }) => !ignore)) {
      if (rule.rule.endsWith("/**")) warnings.push(`${rule.rule} names folders alone: the files in them are ${rule.rule}/*`);
      try {
        for (const path of await rule.glob.expand((message) => warnings.push(message), this.#disk)) {
          if (files.has(normal(path)) || this.#matching(path, "ignore")) continue;
          const file = await this.#look(path, warnings, errors);
          if (file) files.set(normal(path), file);
          if (files.size > most) throw new Error(`it leads to more files than the ${most} that a job may keep; none is kept`);
        }
      } catch (error) {
        errors.push(`the output rule ${rule.rule} cannot be followed: ${reasonOf(error)}`);
        if (files.size > most) return { files: [], errors, warnings };
      }
    }
    return { files: [...files.values()], errors, warnings };
  }

  /** Counts a file that the core has. */
  satisfy(path: string): void {
    for (const rule of this.#unsatisfied) if (rule.glob.matches(path)) this.#unsatisfied.delete(rule);
  }

  /** Rules that had to match and did not. */
  get unsatisfied(): string[] {
    return [...this.#unsatisfied].map(({ rule }) => rule);
  }

  #matching(path: string, what: "ignore" | "size_change_ok"): boolean {
    return this.#rules.some((rule) => rule[what] && rule.glob.matches(path));
  }

  async #look(path: string, warnings: string[], errors: string[]): Promise<Wanted | undefined> {
    const mayChange = this.#matching(path, "size_change_ok");
    try {
      const at = await this.#disk.stat(path);
      return at.isFile() ? { path, size: at.size, mayChange } : undefined;
    } catch (error) {
      // The path was seen a moment ago: a link that leads nowhere or to itself, or a file that has vanished.
      const nowhere = ["ENOENT", "ELOOP"].includes(codeOf(error) ?? "");
      (nowhere ? warnings : errors).push(`${path}: ${nowhere ? "a link that leads nowhere, or vanished" : reasonOf(error)}`);
      return undefined;
    }
  }
}

/** `x/./t` and `x/t` are one file; `x/../t` is taken at its word. */
const normal = (path: string) => path.replace(/(\/\.)+(?=\/)/g, "");
