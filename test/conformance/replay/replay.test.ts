import { expect, test } from "bun:test";
import { testServer } from "../../../core/fixture.ts";
import { fields, meant, statuses } from "./differences.ts";
import { readRecording } from "./recording.ts";
import { Replay } from "./replay.ts";

const exchanges = await readRecording();

/** What a fresh database of the original's has. */
const TARGETS = [
  ["default", "default"],
  ["helios", "Helios development image (helios-full-20210908-0)"],
] as const;

test("what the original's agent, command line and factory did with it goes the same way here", async () => {
  await using server = await testServer();
  const ids: string[] = [];
  for (const [name, desc] of TARGETS) ids.push((await server.admin.call("target_create", { body: { name, desc } })).id);
  const [target = "", redirect = ""] = ids;
  await server.admin.call("target_redirect", { path: { target }, body: { redirect } });
  const met = new Set<unknown>();
  const replay = new Replay(server, exchanges, (exchange, difference) => {
    const field = meant(exchange, difference);
    met.add(field);
    return field !== undefined;
  });
  const outcomes = await replay.run(exchanges);
  const wrong = outcomes.filter(({ exchange: { name, status: there }, status: here, differences }) => {
    const wanted = statuses[name]?.status ?? there;
    return here !== wanted || differences.length > 0;
  });
  expect(
    wrong.map(({ exchange, ...rest }) => ({ call: `${exchange.name}: ${exchange.method} ${exchange.path}`, ...rest })),
  ).toEqual([]);
  // A difference that is no more is not listed any more.
  expect(fields.filter((field) => !met.has(field))).toEqual([]);
  const called = new Set(outcomes.map(({ exchange }) => exchange.name));
  expect(Object.keys(statuses).filter((name) => !called.has(name))).toEqual([]);
}, 60_000);
