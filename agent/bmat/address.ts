import type { FactoryAddresses } from "../../core/client/operations.ts";
import { type Column, Table, UnknownColumn } from "../../core/common/table.ts";
import { UsageError } from "./arguments.ts";
import type { Group, Run } from "./command.ts";

/** A range of IPv4 addresses that a job may use. */
export interface Range extends FactoryAddresses {
  last: string;
  network: string;
  mask: string;
}

const COLUMNS: readonly Column<Range>[] = [
  { name: "name", width: 16, value: ({ name }) => name },
  { name: "cidr", width: 18, value: ({ cidr }) => cidr },
  { name: "first", width: 15, value: ({ first }) => first },
  { name: "last", width: 15, value: ({ last }) => last },
  { name: "count", width: 5, value: ({ count }) => count },
  { name: "family", width: 6, hidden: true, value: () => "inet" },
  { name: "network", width: 15, hidden: true, value: ({ network }) => network },
  { name: "mask", width: 15, hidden: true, value: ({ mask }) => mask },
  { name: "routed", width: 6, hidden: true, value: ({ routed }) => (routed ? "yes" : "no") },
  { name: "gateway", width: 15, hidden: true, value: ({ gateway }) => gateway ?? "-" },
];

export const address: Group = {
  about: "addresses set aside for this job",
  commands: {
    list: {
      about: "list ranges of addresses",
      words: [0, 0],
      options: {
        filter: { letter: "f", value: "NAME", about: "the one range of this name" },
        sort: { letter: "s", value: "COLS", about: "sort by columns" },
        "sort-desc": { letter: "S", value: "COLS", about: "sort by columns, descending" },
        columns: { letter: "o", value: "COLS", about: `of ${COLUMNS.map(({ name }) => name).join(", ")}` },
        "no-header": { letter: "H", about: "no header, cells parted by tabs" },
        parseable: { letter: "p", about: "exact numbers" },
      },
      run: list,
    },
    ls: "list",
  },
};

async function list({ agent, given, print, now }: Run): Promise<void> {
  const table = tableOf(given, now());
  const reply = await agent.ask("MetadataAddresses");
  const all = typeof reply === "object" && "MetadataAddresses" in reply ? reply.MetadataAddresses : [];
  const name = given.get("filter");
  const ranges = all
    .flatMap((addresses) => rangeOf(addresses) ?? [])
    .filter((range) => name === undefined || range.name === name);
  if (name !== undefined && ranges.length === 0) throw new Error(`there is no range of addresses named ${name}`);
  if (name !== undefined && ranges.length > 1) throw new Error(`there are ${ranges.length} ranges of addresses named ${name}`);
  for (const line of table.lines(ranges)) print(`${line}\n`);
}

function tableOf(given: Run["given"], now: number): Table<Range> {
  const names = (option: string) => {
    const value = given.get(option);
    return typeof value === "string" ? value.split(",") : undefined;
  };
  const down = names("sort-desc");
  const by = down ?? names("sort");
  try {
    return new Table(COLUMNS, {
      now,
      show: names("columns"),
      sort: by && { by, descending: down !== undefined },
      plain: given.has("no-header"),
      exact: given.has("parseable"),
    });
  } catch (error) {
    throw error instanceof UnknownColumn ? new UsageError(error.message) : error;
  }
}

/** Undefined for a range that makes no sense, or of which the last address could not be used. */
export function rangeOf(addresses: FactoryAddresses): Range | undefined {
  const [, base = "", bits = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(addresses.cidr) ?? [];
  const [inside, first] = [numberOf(base), numberOf(addresses.first)];
  if (inside === undefined || first === undefined || Number(bits) > 32 || addresses.count < 1) return undefined;
  const size = 2 ** (32 - Number(bits));
  const network = inside - (inside % size);
  const broadcast = network + size - 1;
  const last = first + addresses.count - 1;
  if (first < network || last >= broadcast || last === network) return undefined;
  return { ...addresses, last: dotted(last), network: dotted(network), mask: dotted(2 ** 32 - size) };
}

function numberOf(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

const dotted = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
