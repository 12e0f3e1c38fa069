import { expect, test } from "bun:test";
import { aFactory, aJob, type TestServer, testServer } from "../fixture.ts";
import type { JobState } from "./schema.ts";
import { MOVES, type MoveName, moveJob } from "./state.ts";

/** What the specification allows, written down a second time: from a state, by a move, to a state. */
const ALLOWED: Record<JobState, Partial<Record<MoveName, JobState>>> = {
  waiting: { wake: "queued", fail: "failed" },
  queued: { assign: "running", fail: "failed" },
  running: { complete: "completed", retry: "queued", fail: "failed" },
  completed: {},
  failed: {},
};

/** A job that was put into a state without going through the door. */
async function jobIn(server: TestServer, state: JobState): Promise<string> {
  await aFactory(server);
  const { client } = await server.user("alice");
  const { id } = await client.call("job_submit", { body: aJob() });
  server.core.db.query("UPDATE job SET state = ? WHERE id = ?").run(state, id);
  return id;
}

const texts = (server: TestServer, job: string) => server.core.logs.read(job, 1, 100).map((event) => event.payload);

for (const [state, moves] of Object.entries(ALLOWED) as [JobState, (typeof ALLOWED)[JobState]][]) {
  for (const name of Object.keys(MOVES) as MoveName[]) {
    const to = moves[name];
    test(`${state}: ${name} ${to ? `leads to ${to}` : "is refused and changes nothing"}`, async () => {
      await using server = await testServer();
      const job = await jobIn(server, state);
      const before = server.core.bells.version(`job ${job}`);
      const move = () => moveJob(server.core, job, name, "because");
      if (to) move();
      else expect(move).toThrow(`it is ${state}`);
      expect(server.core.db.query<{ state: string }, [string]>("SELECT state FROM job WHERE id = ?").get(job)?.state).toBe(
        to ?? state,
      );
      expect(texts(server, job)).toEqual(to ? ["because"] : []);
      expect(server.core.bells.version(`job ${job}`) > before).toBe(to !== undefined);
    });
  }
}
