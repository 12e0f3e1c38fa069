import { expect, test } from "bun:test";
import { Deliveries } from "./deliveries.ts";

test("what comes while the last one is just done is sent too", async () => {
  const heard: string[] = [];
  await using listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      heard.push(request.headers.get("x-github-event") ?? "");
      return new Response();
    },
  });
  const deliveries = new Deliveries({ appId: 1, secret: "s", now: () => 0, check: () => {} });
  const names = ["one", "two", "three", "four", "five", "six"];
  for (const [turns, name] of names.entries()) {
    // Starts to send, though there is nothing; the new one comes so many turns of the loop later.
    deliveries.sendTo(listener.url.href);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    deliveries.add(name, undefined, {});
    await deliveries.idle();
    expect(heard.at(-1)).toBe(name);
  }
  expect(heard).toEqual(names);
});
