import { expect, test } from "bun:test";
import { eachLine } from "./lines.ts";

test.each([
  ["at once", (text: string) => [text]],
  ["in parts", (text: string) => [text.slice(0, 7), text.slice(7, 12), text.slice(12)]],
])("lines that come %s are whole, the long ones in pieces", async (_, torn) => {
  const lines: string[] = [];
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of torn("one\n\nabcdefghijklm\nend")) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
  await eachLine(stream, (line) => lines.push(line), 5);
  expect(lines).toEqual(["one", "", "abcde", "fghij", "klm", "end"]);
});
