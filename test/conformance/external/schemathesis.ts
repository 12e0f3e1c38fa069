import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN, testServer } from "../../../core/fixture.ts";
import { type Operation, operations } from "../../fuzz/operations.ts";
import { makeParty, type Party } from "../../fuzz/party.ts";

/**
 * Lets schemathesis, which knows of us only the document at /docs/openapi.json, call every operation of a real server: what
 * is accepted, refused and answered must be as the document says. The last line is `N passed, N failed`, in operations.
 */

const SEED = 1;
/** Of each operation and phase: all of it has to be done in three minutes. */
const MAX_EXAMPLES = 30;

/** What is so good as used up when it has worked is called with, or upon, things of a second party. */
const ENDING = /_token_|_(fail|complete|destroy|cancel|recycle|disable|purge|archive)|^workers_recycle$/;

/** Whose token goes with an operation, by its path; an administrator's otherwise. */
const CALLERS: [path: RegExp, caller: keyof Party["tokens"]][] = [
  [/^\/[01]\/(jobs?(\/|$)|whoami)/, "user"],
  [/^\/[01]\/worker\//, "worker"],
  [/^\/0\/factory\//, "factory"],
];

/** Checks that do not fit: our rules say more than a schema can, and a path may know methods that are not published. */
const LEFT_OUT = "positive_data_acceptance,allow_header_conformance,unsupported_method";

/**
 * Whether what the schema forbids has to be refused. Where ids are set here, a wrong one never gets there; and the worker's
 * log takes events without a time, as it always did.
 */
const isStrict = ({ id, path }: Operation) => !path.includes("{") && id !== "worker_append";

/**
 * schemathesis.toml: for each operation a token that fits, and ids that there are.
 *
 * @param ended a job whose events come to an end
 */
function configuration(main: Party, spare: Party, ended: string): string {
  const sections = operations
    .filter(({ id }) => !id.startsWith("old_"))
    .map((operation) => {
      const { id, path } = operation;
      const party = ENDING.test(id) ? spare : main;
      const caller = CALLERS.find(([pattern]) => pattern.test(path))?.[1];
      return [
        "[[operations]]",
        `include-operation-id = ${JSON.stringify(id)}`,
        `headers = ${table({ Authorization: `Bearer ${caller ? party.tokens[caller] : ADMIN_TOKEN}` })}`,
        // A long poll would rightly take its time.
        `parameters = ${table({ ...party.ids, ...(id === "job_watch" ? { job: ended } : {}), wait: 0 })}`,
        ...(isStrict(operation) ? [] : ["checks = { negative_data_rejection = { enabled = false } }"]),
      ].join("\n");
    });
  return sections.join("\n\n");
}

/** As TOML has it. */
const table = (record: Record<string, string | number>) =>
  `{ ${Object.entries(record)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join(", ")} }`;

/** Operations that passed and failed, of a report in JUnit's format. */
function countIn(report: string): { passed: number; failed: number } {
  const cases = report.match(/<testcase\b/g)?.length ?? 0;
  const failed = report.split(/<testcase\b/).filter((one) => /<(failure|error)\b/.test(one)).length;
  return { passed: cases - failed, failed };
}

await using server = await testServer();
const directory = mkdtempSync(join(tmpdir(), "schemathesis-"));
const config = join(directory, "schemathesis.toml");
const report = join(directory, "report.xml");
const main = await makeParty(server, "main");
const { waiting = "" } = main.ids;
await server.client(main.tokens.user).call("job_cancel", { path: { job: waiting } });
writeFileSync(config, configuration(main, await makeParty(server, "spare"), waiting));
const child = Bun.spawn(
  [
    ...["st", "--config-file", config, "run", `${server.url}/docs/openapi.json`],
    ...["--phases", "examples,coverage,fuzzing", "--seed", String(SEED), "--max-examples", String(MAX_EXAMPLES)],
    ...[
      "--report",
      "junit",
      "--report-junit-path",
      report,
      "--exclude-checks",
      LEFT_OUT,
      "--request-timeout",
      "20",
      "--no-color",
      ...process.argv.slice(2),
    ],
  ],
  { stdin: "ignore", stdout: "inherit", stderr: "inherit", cwd: directory },
);
const code = await child.exited;
if (!existsSync(report)) throw new Error(`schemathesis ended with ${code} and left no report`);
const { passed, failed } = countIn(readFileSync(report, "utf8"));
rmSync(directory, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
