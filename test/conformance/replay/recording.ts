import { recording } from "../document.ts";

/** One exchange between the original and one of its clients, as it was recorded. Free text was removed. */
export interface Exchange {
  /** Whose it is, and its number there: `cli 100`. */
  name: string;
  /** Since the recording began. */
  ms: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  request: unknown;
  status: number;
  answerHeaders: Record<string, string>;
  answer: unknown;
}

const CLIENTS = ["agent", "cli", "factory"] as const;

/** All that was recorded, in the order in which it began. */
export async function readRecording(): Promise<Exchange[]> {
  const parts = await Promise.all(
    CLIENTS.map(async (client) =>
      (await recording(client)).map((line) => {
        const exchange = line as Exchange & { n: number };
        return { ...exchange, name: `${client} ${exchange.n}` };
      }),
    ),
  );
  return parts.flat().sort((a, b) => a.ms - b.ms);
}

/** Bodies that are no JSON are recorded as their length alone. */
export const lengthOf = (body: unknown): number | undefined =>
  typeof body === "object" && body !== null && "bytes" in body ? Number(body.bytes) : undefined;

/** Lines of an event stream. */
export const streamOf = (body: unknown): string[] | undefined =>
  typeof body === "object" && body !== null && "stream" in body ? (body.stream as string[]) : undefined;

/** Calls of the command line that were not made by its first user. */
const OTHERS: Record<string, string> = { "cli 98": "bob", "cli 99": "nobody" };

/**
 * Who made each call: `admin`, a user's first name, `factory`, or the token that an agent had chosen; tokens themselves
 * were not recorded.
 */
export function callersOf(exchanges: Exchange[]): Map<Exchange, string | undefined> {
  const callers = new Map<Exchange, string | undefined>();
  /** By job, the agent that has it. */
  const agents = new Map<string, string>();
  let youngest = "";
  for (const exchange of exchanges) {
    const [client] = exchange.name.split(" ");
    if (client === "factory") callers.set(exchange, "factory");
    else if (client === "cli") callers.set(exchange, OTHERS[exchange.name] ?? ofCli(exchange.path));
    else if (exchange.path === "/0/worker/bootstrap") youngest = (exchange.request as { token: string }).token;
    else {
      const job = /\/job\/(\w{26})/.exec(exchange.path)?.[1] ?? (exchange.answer as { job?: { id: string } } | null)?.job?.id;
      const agent = agents.get(job ?? "") ?? youngest;
      if (job) agents.set(job, agent);
      callers.set(exchange, agent);
    }
  }
  return callers;
}

function ofCli(path: string): string | undefined {
  if (/^\/\d\/(users|admin|control|workers)\b/.test(path)) return "admin";
  return path.startsWith("/0/public/") ? undefined : "alice";
}
