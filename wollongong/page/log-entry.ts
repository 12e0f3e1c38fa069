/** Bunyan's levels: what a row shows, and the name in its class. */
export const LEVELS: Readonly<Record<number, readonly [short: string, name: string]>> = {
  10: ["TRAC", "trace"],
  20: ["DEBG", "debug"],
  30: ["INFO", "info"],
  40: ["WARN", "warn"],
  50: ["ERRO", "error"],
  60: ["FATA", "fatal"],
};

/** One line of a structured log. */
export interface Entry {
  level: number;
  name: string | undefined;
  component: string | undefined;
  /** ISO 8601; empty where the line has none. */
  time: string;
  msg: string;
  fields: [key: string, value: string][];
}

type Fields = Record<string, unknown>;

/** What a line says; undefined where it is not of bunyan, nor of another logger that writes objects with a level and a message. */
export function entryOf(line: string): Entry | undefined {
  const record = firstKeys(line);
  if (!record) return undefined;
  return "v" in record ? ofBunyan(record) : ofOthers(record);
}

/** https://github.com/trentm/node-bunyan#core-fields; all of these have to be there. */
function ofBunyan(record: Fields): Entry | undefined {
  const { v, level, name, hostname, pid, time, msg, component } = record;
  const complete = v === 0 && typeof level === "number" && level in LEVELS && typeof pid === "number";
  if (!complete || typeof hostname !== "string" || typeof name !== "string" || typeof msg !== "string") return undefined;
  if (typeof time !== "string" || Number.isNaN(Date.parse(time))) return undefined;
  return {
    level,
    name,
    component: typeof component === "string" ? component : undefined,
    time: new Date(time).toISOString(),
    msg,
    fields: others(record, ["v", "level", "name", "hostname", "pid", "time", "msg", "component"]),
  };
}

const NAMES: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  notice: 30,
  warn: 40,
  warning: 40,
  error: 50,
  fatal: 60,
  panic: 60,
  critical: 60,
};

/** As pino, zap, slog, logrus and structlog write them. */
function ofOthers(record: Fields): Entry | undefined {
  const levelKey = keyIn(record, ["level", "severity"]);
  const msgKey = keyIn(record, ["msg", "message", "event"]);
  const timeKey = keyIn(record, ["time", "timestamp", "@timestamp", "ts"]);
  const nameKey = keyIn(record, ["name", "logger"]);
  const [level, msg, name] = [levelOf(record[levelKey]), record[msgKey], record[nameKey]];
  if (level === undefined || typeof msg !== "string") return undefined;
  const time = timeOf(record[timeKey]);
  const used = [levelKey, msgKey, time === undefined ? "" : timeKey, typeof name === "string" ? nameKey : ""];
  return {
    level,
    name: typeof name === "string" ? name : undefined,
    component: undefined,
    time: time ?? "",
    msg,
    fields: others(record, used),
  };
}

const keyIn = (record: Fields, keys: readonly string[]) => keys.find((key) => Object.hasOwn(record, key)) ?? "";

function levelOf(value: unknown): number | undefined {
  const level = typeof value === "string" ? NAMES[value.toLowerCase()] : value;
  return typeof level === "number" && level in LEVELS ? level : undefined;
}

/** Numbers are seconds (zap) or milliseconds (pino) since the epoch: as seconds, these would be in some far millennium. */
function timeOf(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const time = new Date(typeof value === "number" && value < 1e11 ? value * 1000 : value);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** What is shown nowhere else in the row. */
const others = (record: Fields, told: readonly string[]) =>
  Object.keys(record)
    .filter((key) => !told.includes(key))
    .sort()
    .map((key): [string, string] => [key, shown(record[key])]);

const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** An object of which, where a key is there twice, the first counts: such logs exist, and `JSON.parse` takes the last. */
function firstKeys(line: string): Record<string, unknown> | undefined {
  if (!line.trimStart().startsWith("{")) return undefined;
  try {
    const record = JSON.parse(line) as Record<string, unknown>;
    const twice = Object.keys(record).filter((key) => line.split(`${JSON.stringify(key)}:`).length > 2);
    for (const key of twice) {
      const first = firstValue(line, key);
      if (first !== undefined) record[key] = first;
    }
    return record;
  } catch {
    return undefined;
  }
}

/** The value after the first `"key":` on the top level of an object; undefined where that stands deeper. */
function firstValue(line: string, key: string): unknown {
  const start = line.indexOf(`${JSON.stringify(key)}:`);
  if (depthAt(line, start) !== 1) return undefined;
  const from = start + JSON.stringify(key).length + 1;
  for (let end = from + 1; end <= line.length; end++) {
    if (!/[,}]/.test(line[end] ?? "") || depthAt(line, end) !== 1) continue;
    return JSON.parse(line.slice(from, end)) as unknown;
  }
  return undefined;
}

/** How many braces and brackets are open before a place, strings left out. */
function depthAt(line: string, place: number): number {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < place; i++) {
    const c = line[i];
    if (inString && c === "\\") i++;
    else if (c === '"') inString = !inString;
    else if (!inString && (c === "{" || c === "[")) depth++;
    else if (!inString && (c === "}" || c === "]")) depth--;
  }
  return inString ? -1 : depth;
}
