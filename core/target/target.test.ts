import { expect, test } from "bun:test";
import { CallFailed } from "../client/failure.ts";
import { aJob, type TestServer, testServer } from "../fixture.ts";

const statusOf = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? error.status : error),
  );

const create = async (server: TestServer, name: string) =>
  (await server.admin.call("target_create", { body: { name, desc: name } })).id;

const redirect = (server: TestServer, target: string, to: string | null) =>
  statusOf(server.admin.call("target_redirect", { path: { target }, body: { redirect: to } }));

test("a renamed target is found under both names, with the privilege that it needs", async () => {
  await using server = await testServer();
  const alice = await server.user("alice");
  const target = await create(server, "linux");
  await server.admin.call("target_require_privilege", { path: { target, privilege: "big" } });
  const body = { new_name: "linux-12", signpost_description: "now called linux-12" };
  const { id: signpost } = await server.admin.call("target_rename", { path: { target }, body });
  expect(await server.admin.call("targets_list", {})).toMatchObject([
    { id: target, name: "linux-12", desc: "linux", redirect: null, privilege: "big" },
    { id: signpost, name: "linux", desc: "now called linux-12", redirect: target, privilege: "big" },
  ]);
  const submit = (name: string) => alice.client.call("job_submit", { body: aJob({ target: name }) });
  expect([await statusOf(submit("linux")), await statusOf(submit("linux-12"))]).toEqual([403, 403]);
  await server.admin.call("user_privilege_grant", { path: { user: alice.id, privilege: "big" } });
  for (const name of ["linux", "linux-12"]) {
    const { id: job } = await submit(name);
    expect(await alice.client.call("job_get", { path: { job } })).toMatchObject({ target: name, target_real: "linux-12" });
  }
});

test("a name is taken, like an id, or has blanks about it: refused, and nothing is changed", async () => {
  await using server = await testServer();
  const target = await create(server, "a");
  await create(server, "b");
  const before = await server.admin.call("targets_list", {});
  const rename = (new_name: string) =>
    statusOf(server.admin.call("target_rename", { path: { target }, body: { new_name, signpost_description: "" } }));
  expect([
    await rename("a"),
    await rename("b"),
    await rename(" c"),
    await rename("01HZZZZZZZZZZZZZZZZZZZZZZZ"),
    await rename(""),
  ]).toEqual([409, 409, 400, 400, 400]);
  expect(await server.admin.call("targets_list", {})).toEqual(before);
});

test("redirects are followed, end, and never lead back", async () => {
  await using server = await testServer();
  const alice = await server.user("alice");
  const [a, b, c] = [await create(server, "a"), await create(server, "b"), await create(server, "c")];
  expect([await redirect(server, a, b), await redirect(server, b, c)]).toEqual(["ok", "ok"]);
  expect([await redirect(server, c, a), await redirect(server, c, c), await redirect(server, c, b)]).toEqual([409, 409, 409]);
  expect(await redirect(server, c, "01HZZZZZZZZZZZZZZZZZZZZZZZ")).toBe(404);
  const goesTo = async () => {
    const { id: job } = await alice.client.call("job_submit", { body: aJob({ target: "a" }) });
    return (await alice.client.call("job_get", { path: { job } })).target_real;
  };
  expect(await goesTo()).toBe("c");
  expect(await redirect(server, b, null)).toBe("ok");
  expect(await goesTo()).toBe("b");
});

test("only the privilege of the last target counts, until it is taken off", async () => {
  await using server = await testServer();
  const alice = await server.user("alice");
  const [a, b] = [await create(server, "a"), await create(server, "b")];
  await redirect(server, a, b);
  await server.admin.call("target_require_privilege", { path: { target: a, privilege: "signpost" } });
  const submit = () => statusOf(alice.client.call("job_submit", { body: aJob({ target: "a" }) }));
  expect(await submit()).toBe("ok");
  await server.admin.call("target_require_privilege", { path: { target: b, privilege: "big" } });
  expect(await submit()).toBe(403);
  await server.admin.call("target_require_no_privilege", { path: { target: b } });
  expect(await submit()).toBe("ok");
});
