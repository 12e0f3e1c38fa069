interface Rule {
  glob: InstanceType<typeof Bun.Glob>;
  negated: boolean;
  folderOnly: boolean;
}

/** The rules of one `.gitignore`, for paths below its folder. */
export class IgnoreRules {
  readonly #rules: Rule[];

  constructor(text: string) {
    this.#rules = text.split(/\r?\n/).flatMap(ruleOf);
  }

  /** @returns undefined where no rule speaks of the path; otherwise the word of the last one that does */
  ignores(path: string, folder: boolean): boolean | undefined {
    const rule = this.#rules.findLast(({ glob, folderOnly }) => (folder || !folderOnly) && glob.match(path));
    return rule && !rule.negated;
  }
}

/** As gitignore(5): a pattern with a slash inside holds from this folder on, one without holds at any depth. */
function ruleOf(line: string): Rule[] {
  const text = line.replace(/(?<!\\)\s+$/, "");
  if (text === "" || text.startsWith("#")) return [];
  const negated = text.startsWith("!");
  const folderOnly = text.endsWith("/");
  const pattern = text.slice(negated ? 1 : 0, folderOnly ? -1 : undefined).replace(/^\\(?=[#!])/, "");
  const anchored = pattern.includes("/");
  // Braces mean nothing to git.
  const glob = pattern.replace(/^\//, "").replace(/[{}]/g, "\\$&");
  return [{ glob: new Bun.Glob(anchored ? glob : `**/${glob}`), negated, folderOnly }];
}
