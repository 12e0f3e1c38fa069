import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ADMIN_TOKEN, type TestServer, testServer } from "../../core/fixture.ts";
import { type Operation, operations } from "./operations.ts";
import { makeParty, type Party } from "./party.ts";
import { possessionOf } from "./possession.ts";
import { type FuzzRequest, requestTo } from "./request.ts";

/**
 * `FUZZ_SEED=N` (or `random`) for other cases, `FUZZ_RUNS=N` for so many of each operation, however long they take. The
 * seed that a failure was printed with, and `-t OPERATION`, bring it again.
 */
const { FUZZ_SEED = "1", FUZZ_RUNS } = process.env;
const SEED = FUZZ_SEED === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(FUZZ_SEED);
const RUNS = Number(FUZZ_RUNS ?? 25);
/** ms for the cases of one operation where their number is not asked for: what a slow machine cannot do by then is left out. */
const BUDGET = FUZZ_RUNS === undefined ? 40 : Number.POSITIVE_INFINITY;
/** So many there are at least. */
const LEAST = 5;
/** ms in which anything must be answered; generous, as the machine may be busy. */
const DEADLINE = 20_000;
/** Stands in all that the victim has, and in nothing that is sent. */
const WORD = "xyzzy-plugh-4711";

console.error(`fuzz: FUZZ_SEED=${SEED}`);

interface Cast {
  server: TestServer;
  attacker: Party;
  victim: Party;
}

let attackers = 0;
const newAttacker = (server: TestServer) => makeParty(server, `attacker${++attackers}`);

/** What a case says instead of an id is looked up when it is sent, so that a seed means the same in every run. */
const idsOf = ({ attacker, victim }: Cast): Record<string, string> => ({
  ...named("attacker", attacker),
  ...named("victim", victim),
});

const named = (who: string, { ids }: Party) =>
  Object.fromEntries(Object.entries(ids).map(([what, id]) => [`${who}-${what}`, id]));

interface Answered {
  status: number;
  /** Headers and body. */
  text: string;
}

/** @throws an Error when there is no answer in time */
async function send(cast: Cast, { as, method, path, headers, body }: FuzzRequest): Promise<Answered> {
  const ids = idsOf(cast);
  const filled = (text: string) => text.replace(/\b(attacker|victim)-[a-zA-Z]+/g, (name) => ids[name] ?? name);
  const tokens: Record<string, string> = {
    ...cast.attacker.tokens,
    admin: ADMIN_TOKEN,
    unknown: "no-such-token",
    malformed: "a b",
  };
  const token = tokens[as];
  const response = await fetch(cast.server.url + filled(path), {
    method,
    headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    signal: AbortSignal.timeout(DEADLINE),
    redirect: "manual",
    ...(body === undefined ? {} : { body: typeof body === "string" ? filled(body) : new Uint8Array(body) }),
  });
  const events = response.headers.get("content-type")?.startsWith("text/event-stream");
  const text = events ? await beginning(response) : await response.text();
  return { status: response.status, text: JSON.stringify([...response.headers]) + text };
}

/** A stream of events goes on for as long as its job does. */
async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const piece = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(piece?.value);
}

/** How the cases of an operation are judged. */
interface Judge {
  callers: string[];
  /** After a case that has changed something. */
  afresh(): Promise<void>;
  judge(answered: Answered): void;
}

async function fuzz(cast: Cast, operation: Operation, { callers, afresh, judge }: Judge): Promise<void> {
  const end = performance.now() + BUDGET;
  let cases = 0;
  const ids = [...Object.keys(idsOf(cast)), "01HZZZZZZZZZZZZZZZZZZZZZZZ"];
  const property = fc.asyncProperty(requestTo(operation, { callers, ids }), async (request) => {
    if (++cases > LEAST && performance.now() > end) return;
    const answered = await send(cast, request);
    expect(answered.status).toBeLessThan(500);
    judge(answered);
    if (answered.status < 300 && request.method !== "GET") await afresh();
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: true });
}

const prepare = async (): Promise<Cast> => {
  const server = await testServer();
  return { server, victim: await makeParty(server, WORD), attacker: await newAttacker(server) };
};

describe("nobody gets at what is another's, and everything is answered", () => {
  let cast: Cast;
  let before = "";
  beforeAll(async () => {
    cast = await prepare();
  });
  afterAll(() => cast.server[Symbol.asyncDispose]());
  const belongings = () => {
    // Everybody's jobs name the target.
    const { target: _, ...own } = cast.victim.ids;
    return possessionOf(cast.server, new Set(Object.values(own)));
  };

  beforeEach(() => {
    before = belongings();
  });

  const judge: Judge = {
    callers: ["user", "factory", "worker", "nobody", "unknown", "malformed"],
    async afresh() {
      // What has worked may have used the attacker's things up.
      cast.attacker = await newAttacker(cast.server);
      before = belongings();
    },
    judge({ text }) {
      expect(text).not.toContain(WORD);
      expect(belongings()).toBe(before);
    },
  };

  test("what the victim has is seen in full, so that a change would be", () => {
    const all = belongings();
    for (const word of [WORD, Buffer.from(`holds ${WORD}`).toString("base64")]) expect(all).toContain(word);
    for (const table of ["job", "worker", "store", "output", "input", "task"]) expect(all).toContain(`\n${table} {`);
  });

  test.each(operations)("$id", (operation) => fuzz(cast, operation, judge));
});

describe("an administrator gets an answer to everything", () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await prepare();
  });
  afterAll(() => cast.server[Symbol.asyncDispose]());

  test.each(operations)("$id", (operation) => fuzz(cast, operation, { callers: ["admin"], async afresh() {}, judge() {} }));
});
