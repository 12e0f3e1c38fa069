/** What was promised of one row, and what was found. */
export interface Row {
  /** As `--only` and `--json` name it. */
  name: string;
  what: string;
  unit: string;
  target: number;
  /** Which side of the target is good; `shown`: counted, not judged. */
  good: "below" | "above" | "shown";
  /** How it is measured. */
  how: string;
}

/** One sample for each round. */
export type Samples = Record<string, number[]>;

export interface Figure {
  row: Row;
  /** Median of the samples. */
  value: number;
  least: number;
  most: number;
  rounds: number;
  ok: boolean;
}

export function figureOf(row: Row, samples: readonly number[]): Figure {
  const value = median(samples);
  const ok = row.good === "shown" || (row.good === "below" ? value <= row.target : value >= row.target);
  return { row, value, least: Math.min(...samples), most: Math.max(...samples), rounds: samples.length, ok };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = Number.NaN, above = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (below + above) / 2;
}

/** @param q 0.5 is the median, 0.99 what one in a hundred exceeds */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Three digits that matter, thousands parted: `612,000`, `43.2`. */
export function shown(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = digits > 0 ? value : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: digits });
}
