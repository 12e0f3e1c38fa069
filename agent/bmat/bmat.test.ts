import { describe, expect, test } from "bun:test";
import type { Reply, Request } from "../control/protocol.ts";
import { rangeOf } from "./address.ts";
import { AgentRefused } from "./connection.ts";
import { bmat } from "./main.ts";

const addresses = [
  { name: "extra", cidr: "10.1.2.7/24", first: "10.1.2.10", count: 4, routed: false, gateway: "10.1.2.1" },
  { name: "twice", cidr: "10.9.0.0/16", first: "10.9.0.0", count: 9, routed: true, gateway: null },
  { name: "twice", cidr: "10.8.0.0/16", first: "10.8.0.1", count: 1, routed: true },
  { name: "broken", cidr: "fe80::/64", first: "fe80::1", count: 1, routed: false },
];

const REPLIES: Record<string, Reply> = {
  '"MetadataAddresses"': { MetadataAddresses: addresses },
  '"FactoryInfo"': { FactoryInfo: { id: "f1", name: "factory", private: null } },
  '{"StoreGet":"line"}': { StoreGet: { name: "line", value: "one", secret: false } },
  '{"StoreGet":"lines"}': { StoreGet: { name: "lines", value: "one\ntwo\n", secret: true } },
  '{"StoreGet":"none"}': { StoreGet: null },
  '{"StoreGet":"bad name"}': { Error: "bad name is no name" },
};

/** Runs the control program beside an agent that answers as `REPLIES` says; the clock runs only while it sleeps. */
async function run(args: string[], stdin: string | Uint8Array = "") {
  const asked: Request[] = [];
  let [out, err, now] = ["", "", 0];
  const status = await bmat(args, {
    connect: async () => ({
      async ask(request) {
        asked.push(request);
        const late = now >= 4000 && JSON.stringify(request) === '{"StoreGet":"none"}';
        const reply = late
          ? { StoreGet: { name: "none", value: "late", secret: false } }
          : (REPLIES[JSON.stringify(request)] ?? "Ack");
        if (typeof reply === "object" && "Error" in reply) throw new AgentRefused(reply.Error);
        return reply;
      },
      close: () => {},
    }),
    print: (text) => {
      out += text;
    },
    warn: (line) => {
      err += `${line}\n`;
    },
    stdin: async () => (typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin),
    sleep: async (ms) => {
      now += ms;
    },
    now: () => now,
    env: { FOO: "bär" },
    cwd: () => "/work",
  });
  return { status, out, err, asked };
}

describe("bmat store get", () => {
  test.each([
    ["line", "one\n"],
    ["lines", "one\ntwo\n"],
  ])("prints %s with one newline at its end", async (name, out) => {
    expect(await run(["store", "get", name])).toMatchObject({ status: 0, out, err: "" });
  });

  test("waits for a value, and says so once", async () => {
    const { status, out, err, asked } = await run(["store", "get", "none"]);
    expect({ status, out }).toEqual({ status: 0, out: "late\n" });
    expect(err.match(/waiting/g)).toHaveLength(1);
    expect(asked).toHaveLength(3);
  });

  test.each([[["-W"]], [["-t", "1"]], [["--timeout=0"]]])("gives up with %p", async (options) => {
    expect(await run(["store", "get", ...options, "none"])).toMatchObject({ status: 1, out: "" });
  });

  test("fails for good when the agent refuses", async () => {
    expect(await run(["store", "get", "bad name"])).toMatchObject({ status: 1, err: "Error: bad name is no name\n" });
  });
});

describe("bmat store put", () => {
  test.each<[string, string[], string, [string, string, boolean]]>([
    ["an argument as it is", ["a", "-v\n"], "", ["a", "-v\n", false]],
    ["also one of two dashes", ["a", "--"], "", ["a", "--", false]],
    ["a line from stdin without its end", ["a"], "one\n", ["a", "one", false]],
    ["several lines as they are", ["a"], "one\ntwo\n", ["a", "one\ntwo\n", false]],
    ["a secret as one", ["-s", "a", "x"], "", ["a", "x", true]],
    ["nothing", ["a"], "", ["a", "", false]],
  ])("sends %s", async (_, args, stdin, expected) => {
    expect(await run(["store", "put", ...args], stdin)).toMatchObject({ status: 0, out: "", asked: [{ StorePut: expected }] });
  });

  test("refuses what is no text", async () => {
    expect(await run(["store", "put", "a"], new Uint8Array([0xff]))).toMatchObject({ status: 1, asked: [] });
  });
});

describe("bmat address list", () => {
  test("shows the ranges that make sense", async () => {
    const { out } = await run(["address", "ls"]);
    expect(out.split("\n").map((line) => line.split(/ +/).join(" "))).toEqual([
      "NAME CIDR FIRST LAST COUNT",
      "extra 10.1.2.7/24 10.1.2.10 10.1.2.13 4",
      "twice 10.9.0.0/16 10.9.0.0 10.9.0.8 9",
      "twice 10.8.0.0/16 10.8.0.1 10.8.0.1 1",
      "",
    ]);
  });

  test("shows columns that are asked for, for scripts", async () => {
    const { out } = await run(["address", "list", "-f", "extra", "-Ho", "first,family,network,mask,routed,gateway"]);
    expect(out).toBe("10.1.2.10\tinet\t10.1.2.0\t255.255.255.0\tno\t10.1.2.1\n");
  });

  test.each([
    [["-f", "nothing"], "no range"],
    [["-f", "twice"], "2 ranges"],
    [["-o", "colour"], "no column colour"],
    [["extra"], "one argument too many"],
  ])("refuses %p", async (args, reason) => {
    const { status, err } = await run(["address", "list", ...args]);
    expect(status).toBe(1);
    expect(err).toContain(reason);
  });

  test.each([
    ["10.0.0.0/31", "10.0.0.0", 1],
    ["10.0.0.0/32", "10.0.0.0", 1],
    ["10.0.0.0/24", "10.0.0.0", 1],
    ["10.0.0.0/24", "10.0.0.1", 0],
    ["10.0.0.0/24", "10.0.0.1", 255],
    ["10.0.0.0/24", "10.0.1.1", 1],
    ["0.0.0.0/0", "255.255.255.0", 4294967295],
    ["10.0.0.0/33", "10.0.0.1", 1],
    ["10.0.0.256/24", "10.0.0.1", 1],
  ])("leaves out %s from %s, %i of them", (cidr, first, count) => {
    expect(rangeOf({ name: "x", cidr, first, count, routed: false })).toBeUndefined();
  });
});

test("bmat process start hands over its environment, place and command", async () => {
  const { status, asked } = await run(["process", "start", "web", "serve", "-p", "80", "--"]);
  expect(status).toBe(0);
  expect(asked).toEqual([
    {
      ProcessStart: {
        name: "web",
        cmd: "serve",
        args: ["-p", "80", "--"],
        env: [[{ Unix: [70, 79, 79] }, { Unix: [98, 195, 164, 114] }]],
        pwd: "/work",
        uid: process.geteuid?.() ?? 0,
        gid: process.getegid?.() ?? 0,
      },
    },
  ]);
});

describe("bmat factory", () => {
  test("prints what is known", async () => expect((await run(["factory", "name"])).out).toBe("factory\n"));
  test("fails for what is not", async () => expect((await run(["factory", "private"])).status).toBe(1));
});

describe("the command line", () => {
  test.each([[["--help"]], [["store", "--help"]], [["store", "put", "--help"]]])("%p explains itself", async (args) => {
    const { status, out, asked } = await run(args);
    expect(status).toBe(0);
    expect(out).toStartWith(`Usage: ${["bmat", ...args.slice(0, -1)].join(" ")}`);
    expect(out).not.toContain("eng");
    expect(asked).toEqual([]);
  });

  test.each([
    [[]],
    [["shop"]],
    [["store"]],
    [["store", "steal"]],
    [["store", "get"]],
    [["store", "get", "-x", "a"]],
    [["store", "put", "a", "b", "c"]],
  ])("%p is refused with the usage", async (args: string[]) => {
    const { status, out, err, asked } = await run(args);
    expect({ status, out, asked }).toEqual({ status: 1, out: "", asked: [] });
    expect(err).toMatch(/^Usage: bmat[\s\S]*ERROR: /);
  });
});
