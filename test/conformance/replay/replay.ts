import { ADMIN_TOKEN, type TestServer } from "../../../core/fixture.ts";
import { checkAnswer } from "../answer.ts";
import { isJson } from "../call.ts";
import { type Record, readRecords } from "../old/sse.ts";
import { publishedOperations } from "../schema.ts";
import { type Difference, differences, withoutControl } from "./compare.ts";
import { Ids, isObject } from "./ids.ts";
import { callersOf, type Exchange, lengthOf, streamOf } from "./recording.ts";

/** What became of an exchange here. */
export interface Outcome {
  exchange: Exchange;
  status: number;
  differences: Difference[];
}

/** How long an answer may take to be the original's: its client waited too, for up to seconds. */
const PATIENCE = 10_000;

/** Makes the recorded calls again, in their order, with the ids and tokens of this core. */
export class Replay {
  readonly #server: TestServer;
  readonly #ids = new Ids();
  readonly #callers: Map<Exchange, string | undefined>;
  readonly #tokens = new Map<string, string>([["admin", ADMIN_TOKEN]]);
  /** By log: the last number that the original and this core have told. */
  readonly #last = new Map<string, { there: number; here: number }>();
  /** Differences that are as they should be. */
  readonly #meant: (exchange: Exchange, difference: Difference) => boolean;

  constructor(server: TestServer, exchanges: Exchange[], meant: (exchange: Exchange, difference: Difference) => boolean) {
    this.#server = server;
    this.#callers = callersOf(exchanges);
    this.#meant = meant;
  }

  async run(exchanges: Exchange[]): Promise<Outcome[]> {
    const outcomes: Promise<Outcome>[] = [];
    let stream: Promise<Outcome> | undefined;
    for (const exchange of exchanges) {
      // The command line reads a stream to its end before it goes on; the others do not wait for that.
      if (exchange.name.startsWith("cli")) await stream;
      const outcome = streamOf(exchange.answer) ? this.#watch(exchange) : this.#until(exchange);
      outcomes.push(outcome);
      if (streamOf(exchange.answer)) stream = outcome;
      else await outcome;
    }
    return await Promise.all(outcomes);
  }

  /** Asks until the answer is the original's, where it may be asked again. */
  async #until(exchange: Exchange): Promise<Outcome> {
    const repeatable = exchange.method === "GET" || /\/(input|output|lease)$/.test(exchange.path);
    const end = Date.now() + PATIENCE;
    for (;;) {
      const outcome = await this.#once(exchange);
      if (outcome.differences.length === 0 || !repeatable || Date.now() > end) return outcome;
      await Bun.sleep(10);
    }
  }

  async #once(exchange: Exchange): Promise<Outcome> {
    const response = await this.#send(exchange);
    const bytes = await response.bytes();
    const json = isJson(response) && bytes.length > 0 ? (JSON.parse(new TextDecoder().decode(bytes)) as unknown) : undefined;
    const { status } = response;
    const requestId = response.headers.get("x-request-id");
    checkAnswer(operationOf(exchange), { status, requestId, json, size: bytes.length });
    return { exchange, status, differences: this.#compare(exchange, response, json, bytes.length) };
  }

  #compare(exchange: Exchange, response: Response, json: unknown, size: number): Difference[] {
    const there = exchange.answerHeaders["content-type"] ?? "";
    const here = response.headers.get("content-type") ?? "";
    const type =
      here.startsWith(there) || response.status !== exchange.status
        ? []
        : [{ at: "content-type", what: `${here}, not ${there}` }];
    // Of a refusal, its shape has been looked at.
    if (exchange.status >= 400) return type;
    const length = lengthOf(exchange.answer) ?? (exchange.answer === null ? 0 : undefined);
    if (length !== undefined) return [...type, ...(size === length ? [] : [{ at: "length", what: `${size}, not ${length}` }])];
    this.#ids.learn(exchange.answer, json);
    this.#note(exchange, json);
    const all = differences(this.#ids.translate(exchange.answer), json);
    return [...type, ...all.filter((difference) => !this.#meant(exchange, difference))];
  }

  /** What the next calls need: tokens, and where logs end. */
  #note({ method, path, request, answer }: Exchange, json: unknown): void {
    if (method === "POST" && /^\/0\/(users|admin\/factory)$/.test(path) && isObject(request) && isObject(json))
      this.#tokens.set(path === "/0/users" ? (String(request["name"]).split("-")[0] ?? "") : "factory", String(json["token"]));
    const [log] = /^.*(?=\/events)/.exec(path) ?? [];
    if (log && Array.isArray(answer) && Array.isArray(json)) this.#noteLast(log, seqOf(answer.at(-1)), seqOf(json.at(-1)));
  }

  #noteLast(log: string, there: number | undefined, here: number | undefined): void {
    if (there !== undefined && here !== undefined) this.#last.set(log, { there, here });
  }

  async #send(exchange: Exchange): Promise<Response> {
    const { method, request, headers } = exchange;
    const caller = this.#callers.get(exchange);
    const token = caller === undefined ? undefined : (this.#tokens.get(caller) ?? caller);
    const { authorization: _, ...rest } = headers;
    const length = lengthOf(request);
    const body = length === undefined ? JSON.stringify(this.#ids.translate(request)) : new Uint8Array(length);
    return await fetch(this.#server.url + this.#place(exchange.path), {
      method,
      headers: { ...rest, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(request === null ? {} : { body }),
    });
  }

  /** Path and query with the ids of this core, and the next number of this core's log. */
  #place(recorded: string): string {
    const [path = "", query] = recorded.split("?");
    const place = this.#ids.translate(path);
    if (query === undefined) return place;
    const asked = [...new URLSearchParams(query)].map(([key, value]): [string, string] => [key, this.#ids.translate(value)]);
    const last = this.#last.get(path.replace(/\/(events|watch)$/, ""));
    const next = asked.map(([key, value]): [string, string] =>
      key === "minseq" && last && Number(value) === last.there + 1 ? [key, String(last.here + 1)] : [key, value],
    );
    return `${place}?${new URLSearchParams(next)}`;
  }

  /** A stream to its end: each event of the original's that tells something comes here too, in its order. */
  async #watch(exchange: Exchange): Promise<Outcome> {
    const response = await this.#send(exchange);
    const here: Record[] = [];
    if (response.ok) for await (const record of readRecords(response)) here.push(record);
    const there: Record[] = [];
    for await (const record of readRecords(new Response(streamOf(exchange.answer)?.join("\n")))) there.push(record);
    const log = exchange.path.replace(/\/watch.*/, "");
    const [events, recorded] = [eventsOf(here), eventsOf(there)];
    this.#noteLast(log, seqOf(recorded.at(-1)), seqOf(events.at(-1)));
    const type = response.headers.get("content-type") ?? "";
    return {
      exchange,
      status: response.status,
      differences: [
        ...(type.startsWith("text/event-stream") ? [] : [{ at: "content-type", what: type }]),
        // A job that has ended was not streamed by the original; its client asked for the log in another way.
        ...(isCheck(there) ? [] : differences(this.#ids.translate(withoutControl(recorded)), events, "events")),
        ...(isCheck(there) ? [] : differences(lastState(there), lastState(here), "state")),
        ...(here.at(-1)?.event === "complete" ? [] : [{ at: "stream", what: "does not end with complete" }]),
        ...here
          .filter(({ event }) => !["state", "job", "complete"].includes(event))
          .map(({ event }) => ({ at: "stream", what: event })),
      ],
    };
  }
}

const seqOf = (event: unknown): number | undefined => (isObject(event) ? Number(event["seq"]) : undefined);

const isCheck = (records: Record[]) => records[0]?.event === "check";

const eventsOf = (records: Record[]): unknown[] =>
  records.filter(({ event }) => event === "job").map(({ data }) => JSON.parse(data) as unknown);

const lastState = (records: Record[]) => records.filter(({ event }) => event === "state").at(-1)?.data;

function operationOf({ method, path }: Exchange): string {
  const [plain = ""] = path.split("?");
  const found = Object.entries(publishedOperations).find(
    ([, operation]) => operation.method === method && new RegExp(`^${operation.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(plain),
  );
  if (!found) throw new Error(`there is no operation ${method} ${path}`);
  return found[0];
}
