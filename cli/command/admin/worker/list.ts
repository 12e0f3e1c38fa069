import type { Worker } from "../../../../core/client/operations.ts";
import { columnNames, LIST, printPages } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { defineCommand } from "../../../command.ts";
import type { Context } from "../../../context.ts";
import { timeOf } from "../../../ids.ts";
import { workerPages } from "../../../workers.ts";

const FLAGS: [string, (worker: Worker) => boolean][] = [
  ["B", ({ bootstrap }) => bootstrap],
  ["J", ({ jobs }) => jobs.length > 0],
  ["R", ({ recycle }) => recycle],
  ["D", ({ deleted }) => deleted],
  ["H", ({ hold }) => Boolean(hold)],
  ["d", ({ diagnostics }) => diagnostics],
];

const COLUMNS: Column<Worker>[] = [
  { name: "id", width: 26, value: ({ id }) => id },
  { name: "flags", width: 6, value: (worker) => FLAGS.map(([letter, holds]) => (holds(worker) ? letter : "")).join("") },
  { name: "creation", width: 20, kind: "time", value: ({ id }) => timeOf(id) },
  { name: "age", width: 6, kind: "age", value: ({ id }) => timeOf(id) },
  { name: "ping", width: 6, kind: "age", value: ({ lastping }) => lastping },
  { name: "info", width: 20, hidden: true, value: ({ factory_private }) => factory_private },
  { name: "ip", width: 15, hidden: true, value: ({ factory_ip }) => factory_ip },
  { name: "target", width: 26, hidden: true, value: ({ target }) => target },
  { name: "hold_time", width: 20, kind: "time", hidden: true, value: ({ hold }) => hold?.time },
  { name: "hold_reason", width: 32, hidden: true, value: ({ hold }) => hold?.reason },
  { name: "last_ping", width: 20, kind: "time", hidden: true, value: ({ lastping }) => lastping },
  { name: "seconds", width: 10, hidden: true, value: ({ cost }) => cost && Math.floor(cost.instance_seconds) },
  { name: "money", width: 12, hidden: true, value: ({ cost }) => cost?.money },
  { name: "details", width: 40, hidden: true, value: ({ details }) => pairs(details) },
];

const pairs = (details: Record<string, string> = {}) =>
  Object.entries(details)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

export default defineCommand({
  options: {
    active: { short: "A", about: "only workers whose machine is there" },
    held: { short: "h", about: "only workers that are held" },
    unsorted: { short: "U", about: "printed as they come" },
    ...LIST,
  },
  columns: columnNames(COLUMNS),
  help: "Flags: B bootstrapped, J has a job, R to be recycled, D deleted, H held, d diagnostics pending.",
  run: (context, _, { active, held, ...options }) => printPages(context, COLUMNS, shown(context, active, held), options),
});

async function* shown(context: Context, active: boolean, held: boolean): AsyncGenerator<Worker[]> {
  for await (const page of workerPages(context, { active })) yield page.filter(({ hold }) => !held || Boolean(hold));
}
