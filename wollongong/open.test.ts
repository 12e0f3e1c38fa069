import { expect, test } from "bun:test";
import { testWollongong } from "./fixture.ts";

test("a private key that is none keeps the server from starting, and is named", async () => {
  await expect(testWollongong({ privateKey: "nothing of use" })).rejects.toThrow(/privkey\.pem is no private key in PEM/);
});
