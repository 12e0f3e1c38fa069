import { expect, test } from "bun:test";
import { testWollongong } from "../fixture.ts";
import { mintJobToken } from "./job-token.ts";

test("a token that is slow to come holds up no other", async () => {
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch({ url }) {
      if (!url.endsWith("/access_tokens")) return Response.json([]);
      waiting += 1;
      if (waiting === 2) both.resolve();
      await both.promise;
      return Response.json({ token: "ghs_token", expires_at: "2030-01-01T00:00:00Z" }, { status: 201 });
    },
  });
  const address = server.url.href.replace(/\/$/, "");
  await using wollongong = await testWollongong({ config: { github: { api_url: address, web_url: address } } });
  const { github } = wollongong.wo;
  const tokens = await Promise.all([mintJobToken(github, 1, [10]), mintJobToken(github, 2, [20])]);
  expect(tokens.map(({ token }) => token)).toEqual(["ghs_token", "ghs_token"]);
});
