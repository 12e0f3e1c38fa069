import { expect, test } from "bun:test";
import { realWorld } from "../common/world.ts";
import { StreamBroken } from "./body.ts";
import { serverSentEvents } from "./sse.ts";

const read = async (stream: ReadableStream<Uint8Array>) =>
  (await Array.fromAsync(serverSentEvents(realWorld(), new Response(stream)))).flat();
const inPieces = (text: string, size: number) => {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
};

test.each([1, 3, 1000])("records are put together from pieces of %d bytes", async (size) => {
  const text =
    ": hello\n\nevent: job\nid: seq-1\ndata: {\u{1f600}}\n\ndata:two\r\ndata:  lines\r\nretry: 5\r\n\r\nevent: lost\ndata: unfinished";
  expect(await read(inPieces(text, size))).toEqual([
    { event: "job", data: "{\u{1f600}}" },
    { event: "message", data: "two\n lines" },
  ]);
});

test("a stream that fails is told from one that ends", async () => {
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("reset")) });
  await expect(read(broken)).rejects.toThrow(StreamBroken);
});

test("text that is not UTF-8 breaks the stream", async () => {
  const bytes = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array([0xff, 0x0a])) });
  await expect(read(bytes)).rejects.toThrow(StreamBroken);
});

test("a stream that falls silent is given up", async () => {
  let bite = () => {};
  let now = 0;
  const world = {
    ...realWorld(),
    now: () => now,
    after: (_: number, fn: () => void) => {
      bite = fn;
      return () => {};
    },
  };
  const silent = new Response(new ReadableStream<Uint8Array>());
  const reading = serverSentEvents(world, silent).next();
  now = 60_000;
  bite();
  await expect(reading).rejects.toThrow("nothing came for 30 seconds");
});
