import { expect, test } from "bun:test";
import { Group } from "../common/sqlite/group.ts";
import { testServer } from "../fixture.ts";
import { hashToken } from "../http/bearer.ts";
import { createUser, listUsers } from "../user/user.ts";
import { change } from "./change.ts";

const create = (core: Parameters<typeof createUser>[0], name: string) => () => createUser(core, name, hashToken(name));

test("changes that come together stand together, and one that fails leaves the others alone", async () => {
  await using server = await testServer();
  const { core } = server;
  const group = new Group((work) => change(core, work));
  let commits = 0;
  const deliver = core.outbox.deliverAfter.bind(core.outbox);
  core.outbox.deliverAfter = (transaction) => {
    commits++;
    return deliver(transaction);
  };
  const all = await Promise.allSettled([
    group.run(create(core, "alice")),
    group.run(() => {
      create(core, "mallory")();
      core.outbox.write("01K0000000000000000000000A", "never told");
      throw new Error("not this one");
    }),
    group.run(create(core, "bob")),
  ]);
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(commits).toBe(1);
  expect(listUsers(core).map(({ name }) => name)).toEqual(["alice", "bob"]);
  expect(core.logs.last("01K0000000000000000000000A")).toBe(0);
});

test("when the commit fails, everybody is told", async () => {
  await using server = await testServer();
  const { core } = server;
  const group = new Group((work) => change(core, work));
  core.outbox.deliverAfter = () => {
    throw new Error("the disk is full");
  };
  const all = await Promise.allSettled([group.run(create(core, "alice")), group.run(create(core, "bob"))]);
  expect(all.map((one) => one.status === "rejected" && String(one.reason))).toEqual(Array(2).fill("Error: the disk is full"));
});
