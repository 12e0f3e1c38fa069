import { cpus, loadavg, totalmem } from "node:os";
import { BOUNDS } from "./bounds.ts";
import { type Figure, shown } from "./figure.ts";

/** Writes the page that states the promises, what was found, and how. */
export async function writeSpec(file: string, figures: readonly Figure[]): Promise<void> {
  await Bun.write(file, page(figures));
}

function page(figures: readonly Figure[]): string {
  const promised = figures.filter(({ row }) => row.good !== "shown");
  const counted = figures.filter(({ row }) => row.good === "shown");
  const missed = promised.filter(({ ok }) => !ok);
  return `# Numbers to hold

Written by \`./scripts/bench\`, which measures everything below on real processes: the compiled server, compiled agents, real sandboxes.
Taken on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 1024 ** 3)} GiB, shared with the client that measures and with whatever
else the machine did (load average ${shown(loadavg()[2] ?? 0)} over the last 15 minutes): absolute figures move by up to a factor of two from run to run. Each figure is the median of its rounds, with the
least and the most beside it; ratios are taken within one round. A *bare machine* is an agent in private mounts without image or overlay.

| what | to reach | measured | least .. most | holds |
|---|---|---|---|---|
${promised.map(line).join("\n")}

${promised.length - missed.length} of ${promised.length} hold.

## What bounds those that are missed

${missed.length === 0 ? "None is missed." : missed.map(({ row }) => `- **${row.what}**: ${BOUNDS[row.name] ?? "not yet found out."}`).join("\n")}

## Counted, not judged

| what | measured | least .. most |
|---|---|---|
${counted.map(({ row, value, least, most }) => `| ${row.what} | ${shown(value)} ${row.unit} | ${shown(least)} .. ${shown(most)} |`).join("\n")}

## How each is measured

| name | how |
|---|---|
${figures.map(({ row }) => `| \`${row.name}\` | ${row.how} |`).join("\n")}
`;
}

function line({ row, value, least, most, ok }: Figure): string {
  const sign = row.good === "below" ? "at most" : "at least";
  return `| ${row.what} | ${sign} ${shown(row.target)} ${row.unit} | ${shown(value)} | ${shown(least)} .. ${shown(most)} | ${ok ? "yes" : "**no**"} |`;
}
