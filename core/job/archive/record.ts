import type { Core } from "../../core.ts";
import { factoryName } from "../../factory/find.ts";
import type { Content } from "../../storage/objects.ts";
import { getTarget } from "../../target/target.ts";
import { getUser } from "../../user/user.ts";
import { getWorker } from "../../worker/state.ts";
import type {
  AttemptRow,
  AttemptTimeRow,
  DependRow,
  FileRow,
  InputRow,
  JobRow,
  OutputRow,
  OutputRuleRow,
  PublishedFileRow,
  StoreRow,
  TagRow,
  TaskRow,
  TaskVerdictRow,
} from "../table.ts";
import { VERSION } from "./keys.ts";

/** All that the database knows of a job, as rows of its tables, but for the values of secrets; docs/archive.md. */
export interface JobRecord {
  job: JobRow;
  owner: { id: string; name: string };
  target: { id: string; name: string; desc: string };
  workers: ReturnType<typeof workerOf>[];
  attempts: AttemptRow[];
  times: AttemptTimeRow[];
  tasks: TaskRow[];
  verdicts: TaskVerdictRow[];
  output_rules: OutputRuleRow[];
  files: FileRow[];
  inputs: InputRow[];
  outputs: OutputRow[];
  depends: DependRow[];
  tags: TagRow[];
  /** Of a secret, the value is null. */
  store: (Omit<StoreRow, "value"> & { value: string | null })[];
  published: PublishedFileRow[];
  /** The object that holds its log. */
  log: Content;
}

export function recordOf(core: Core, job: JobRow, log: Content): JobRecord {
  const rows = <Row>(table: string, order: string): Row[] =>
    core.db.query<Row, [string]>(`SELECT * FROM ${table} WHERE job = +? ORDER BY ${order}`).all(job.id);
  const attempts = rows<AttemptRow>("attempt", "number");
  const { id, name, desc } = getTarget(core, job.target_id);
  return {
    job,
    owner: { id: job.owner, name: getUser(core, job.owner).name },
    target: { id, name, desc },
    workers: attempts.flatMap(({ worker }) => (worker === null ? [] : [workerOf(core, worker)])),
    attempts,
    times: rows("attempt_time", "attempt, time"),
    tasks: rows("task", "seq"),
    verdicts: rows("task_verdict", "attempt, seq"),
    output_rules: rows("output_rule", "seq"),
    files: rows("file", "id"),
    inputs: rows("input", "name"),
    outputs: rows("output", "path"),
    depends: rows("depend", "name"),
    tags: rows("tag", "name"),
    store: rows<StoreRow>("store", "name").map((row) => (row.secret ? { ...row, value: null } : row)),
    published: rows("published_file", "series, version, name"),
    log,
  };
}

function workerOf(core: Core, worker: string) {
  const { id, factory, target, factory_private, factory_ip, details, ...row } = getWorker(core, worker);
  return {
    id,
    factory: { id: factory, name: factoryName(core, factory) },
    target,
    factory_private,
    factory_ip,
    details,
    time_create: row.time_create,
    time_online: row.time_online,
    time_destroyed: row.time_destroyed,
    hour_price: row.hour_price,
    currency: row.currency,
  };
}

const FORMAT = "buildomat job";

/** A record as it is stored: a JSON object with the hash of its own content. */
export function renderRecord(record: JobRecord): string {
  const text = JSON.stringify(record);
  return `{"format":"${FORMAT}","version":${VERSION},"sha256":"${hashOf(text)}","record":${text}}\n`;
}

/** @throws Error for what is not a record, was changed, or is newer than this program */
export function parseRecord(text: string): JobRecord {
  const { format, version, sha256, record } = parseObject(text);
  if (format !== FORMAT) throw new Error("it is no record of a job");
  if (version !== VERSION) throw new Error(`it was written by a newer program, in version ${version}: this one knows ${VERSION}`);
  if (hashOf(JSON.stringify(record)) !== sha256) throw new Error("the job's record is not what its hash says");
  return record;
}

function parseObject(text: string): { format?: unknown; version?: unknown; sha256?: unknown; record: JobRecord } {
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw new Error("it is no record of a job", { cause });
  }
}

const hashOf = (text: string) => Bun.CryptoHasher.hash("sha256", text, "hex");
