/** One thing that is wrong with a job file. */
export interface Problem {
  file: string;
  line: number;
  /** What it is, and what was expected. */
  message: string;
}

/** Nobody mends more at a time. */
export const MOST_PROBLEMS = 50;

/** Job files that cannot be used, with everything that is wrong with them, by file and line. */
export class BadJobFile extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = problems.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
    const lines = sorted.slice(0, MOST_PROBLEMS).map(({ file, line, message }) => `${file}:${line}: ${message}`);
    if (sorted.length > MOST_PROBLEMS) lines.push(`and ${sorted.length - MOST_PROBLEMS} more`);
    super(lines.join("\n"));
    this.problems = sorted;
  }
}
