import { isUtf8 } from "node:buffer";
import { UsageError } from "./arguments.ts";
import type { Group, Run } from "./command.ts";

/** Between two looks for a value that is not there yet, ms. */
const LOOK_EVERY = 2000;

export const store: Group = {
  about: "exchange values between jobs and their owners",
  commands: {
    get: {
      about: "print a value of the job's store, waiting until it is there",
      synopsis: "NAME",
      words: [1, 1],
      options: {
        "no-wait": { letter: "W", about: "fail at once when it is not there" },
        timeout: { letter: "t", value: "SECONDS", about: "fail when it is not there in time" },
      },
      run: get,
    },
    put: {
      about: "set a value of the job's store; without VALUE, from stdin",
      synopsis: "NAME [VALUE]",
      words: [1, 2],
      options: { secret: { letter: "s", about: "the value is a secret: hide it in logs and lists" } },
      run: put,
    },
  },
};

async function get({ agent, args: [name = ""], given, print, warn, sleep, now }: Run): Promise<void> {
  const end = given.get("no-wait") ? 0 : now() + secondsOf(given.get("timeout")) * 1000;
  for (let warned = false; ; warned = true) {
    const reply = await agent.ask({ StoreGet: name });
    if (typeof reply === "object" && "StoreGet" in reply && reply.StoreGet) {
      const { value } = reply.StoreGet;
      print(value.endsWith("\n") ? value : `${value}\n`);
      return;
    }
    if (now() >= end) throw new Error(`the store has no value ${name}`);
    if (!warned) warn(`WARNING: the store has no value ${name} yet; waiting for it`);
    await sleep(LOOK_EVERY);
  }
}

function secondsOf(text: string | true | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const seconds = Number(text);
  if (text === "" || !(seconds >= 0)) throw new UsageError(`--timeout: ${text} is no number of seconds`);
  return seconds;
}

async function put({ agent, args: [name = "", value], given, stdin }: Run): Promise<void> {
  const text = value ?? withoutOnlyNewline(await stdin());
  await agent.ask({ StorePut: [name, text, given.has("secret")] });
}

/** What `echo` and friends append is not meant; the newlines of a text of several lines are. */
function withoutOnlyNewline(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Error("a value must be UTF-8 text, and what came on stdin is not");
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return text.indexOf("\n") === text.length - 1 ? text.slice(0, -1) : text;
}
