import { expect, test } from "bun:test";
import { aFactory, aJob, aWorker, type TestServer, testServer } from "../fixture.ts";

test("whoever may read everybody's jobs changes none of them", async () => {
  await using server = await testServer();
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  const auditor = await server.user("auditor", "admin.job.read");
  const stranger = await server.user("stranger");
  const { id: job } = await alice.client.call("job_submit", { body: aJob({ inputs: ["a"] }) });
  const { id: run } = await alice.client.call("job_submit", { body: aJob() });
  const worker = await aWorker(server, factory, run);
  const { id: chunk } = await worker.client.call("worker_job_upload_chunk", { path: { job: run }, body: new Uint8Array(3) });
  const output = { path: "/a", size: 3, chunks: [chunk], commit_id: server.core.world.id() };
  await worker.client.poll("worker_job_add_output", { path: { job: run }, body: output }, { wait: 10 });
  await worker.client.call("worker_job_complete", { path: { job: run }, body: { failed: true } });
  const [made] = await alice.client.call("job_outputs_get", { path: { job: run } });
  const file = `/0/jobs/${run}/outputs/${made?.id}`;
  const commit = { size: 0, chunks: [], commit_id: server.core.world.id() };
  const prior = { prior_job: run, copy_outputs: true, on_completed: true, on_failed: true };
  const send = (token: string, method: string, path: string, body?: unknown) =>
    fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).then(async (answer) => {
      await answer.body?.cancel();
      return answer.status;
    });
  const changes: [method: string, path: string, body?: unknown][] = [
    ["POST", `/0/jobs/${job}/cancel`],
    ["POST", `/0/jobs/${job}/chunk`, "bytes"],
    ["POST", `/1/jobs/${job}/input`, { ...commit, name: "a" }],
    ["POST", `/0/jobs/${job}/input`, { size: 0, chunks: [], name: "a" }],
    ["PUT", `/0/jobs/${job}/store/a`, { value: "b", secret: false }],
    ["POST", `${file}/publish`, { series: "aa", version: "bb", name: "cc" }],
  ];
  const reads: [method: string, path: string, body?: unknown][] = [
    ["GET", `/0/job/${job}`],
    ["GET", `/0/jobs/${job}/events`],
    ["GET", `/0/jobs/${run}/watch`],
    ["GET", `/0/jobs/${run}/outputs`],
    ["GET", file],
    ["HEAD", file],
    ["POST", `${file}/sign`, { expiry_seconds: 5 }],
    ["GET", `/0/jobs/${job}/store`],
  ];
  for (const change of changes)
    for (const { token } of [auditor, stranger]) expect([change[1], await send(token, ...change)]).toEqual([change[1], 403]);
  for (const read of reads)
    expect([read[1], await send(auditor.token, ...read), await send(stranger.token, ...read)]).toEqual([read[1], 200, 403]);
  expect(await send(auditor.token, "POST", "/0/jobs", aJob({ depends: { a: prior } }))).toBe(409);
  expect(await alice.client.call("job_get", { path: { job } })).toMatchObject({ state: "waiting" });
});

test.each<[string, (server: TestServer, user: string) => Promise<unknown>]>([
  ["is disabled", (server, user) => server.admin.call("user_disable", { path: { user } })],
  ["gets another token", (server, user) => server.admin.call("user_token_rotate", { path: { user } })],
  [
    "loses the privilege for it",
    (server, user) => server.admin.call("user_privilege_revoke", { path: { user, privilege: "admin.job.read" } }),
  ],
])("who follows a job is told nothing more once they are one who %s", async (_, end) => {
  await using server = await testServer();
  const factory = await aFactory(server);
  const [alice, reader] = [await server.user("alice"), await server.user("reader", "admin.job.read")];
  const { id: job } = await alice.client.call("job_submit", { body: aJob() });
  const { client } = await aWorker(server, factory, job);
  const say = (payload: string) =>
    client.call("worker_job_append", {
      path: { job },
      query: {},
      body: [{ stream: "stdout", time: new Date().toISOString(), payload }],
    });
  const follow = async (by: typeof reader) => {
    const response = await by.client.call("job_watch", { path: { job }, query: { minseq: 1 } });
    return response.body?.pipeThrough(new TextDecoderStream()).getReader();
  };
  const [ended, goesOn] = [await follow(reader), await follow(alice)];
  const readUntil = async (reader: typeof ended, word: string) => {
    let text = "";
    while (!text.includes(word)) {
      const { done, value } = (await reader?.read()) ?? {};
      if (done || value === undefined) return `${text}THE END`;
      text += value;
    }
    return text;
  };
  await say("one");
  expect(await readUntil(ended, "one")).not.toContain("THE END");
  await end(server, reader.id);
  await say("two");
  expect(await readUntil(ended, "two")).toBe("THE END");
  expect(await readUntil(goesOn, "two")).not.toContain("THE END");
});
