import { expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import type { World } from "../common/world.ts";
import { Client } from "./client.ts";

/** Over a line that carries so many bytes in a millisecond. */
function over(line: number) {
  const manual = manualWorld();
  const fetch: World["fetch"] = async (_, init) => {
    await manual.sleep(Buffer.byteLength(String(init?.body)) / line, init?.signal ?? undefined);
    init?.signal?.throwIfAborted();
    return Response.json({ next: 2 });
  };
  const client = new Client({ world: { ...manual, fetch }, url: "http://core" });
  const append = (payload: string) => {
    const body = [{ payload, stream: "stdout", time: "2026-01-01T00:00:00Z" }];
    return client.call("worker_job_append", { path: { job: "01J00000000000000000000000" }, query: {}, body }).catch(String);
  };
  return { advance: manual.advance, append };
}

test("a large body has the time that it takes over a slow line", async () => {
  const { advance, append } = over(50);
  const answer = append("x".repeat(3_000_000));
  await advance(61_000);
  expect(await answer).toEqual({ next: 2 });
});

test("a line that is cut is noticed soon by a small one", async () => {
  const { advance, append } = over(0);
  const answer = append("x");
  await advance(16_000);
  expect(await answer).toContain("no answer within 15 s");
});
