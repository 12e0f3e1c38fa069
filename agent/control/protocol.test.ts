import { describe, expect, test } from "bun:test";
import { Decoder, encode, type Message } from "./protocol.ts";

const messages: Message[] = [
  { id: 1, payload: { Req: { StoreGet: "näme" } } },
  { id: 2, payload: { Req: "FactoryInfo" } },
  { id: 3, payload: { Resp: { StoreGet: { name: "n", value: "x".repeat(100_000), secret: false } } } },
];

describe("frames", () => {
  test("begin with version and length", () => {
    const frame = encode({ id: 1, payload: { Req: "FactoryInfo" } });
    expect([...frame.subarray(0, 8)]).toEqual([1, 0, 0, 0, frame.length - 8, 0, 0, 0]);
    expect(new TextDecoder().decode(frame.subarray(8))).toBe('{"id":1,"payload":{"Req":"FactoryInfo"}}');
  });

  test.each([1, 3, 7, 8, 9, 1000, 1_000_000])("are put together from pieces of %i bytes", (size) => {
    const all = Buffer.concat(messages.map(encode));
    const decoder = new Decoder();
    const got: Message[] = [];
    for (let at = 0; at < all.length; at += size) got.push(...decoder.push(all.subarray(at, at + size)));
    expect(got).toEqual(messages);
  });

  test.each([
    ["another version", [2, 0, 0, 0, 0, 0, 0, 0]],
    ["a length beyond all reason", [1, 0, 0, 0, 0, 0, 0, 255]],
    ["what is no JSON", [1, 0, 0, 0, 2, 0, 0, 0, 0x7b, 0x7b]],
    ["null", [1, 0, 0, 0, 4, 0, 0, 0, 0x6e, 0x75, 0x6c, 0x6c]],
    ["an object without a payload", [...encode({ id: 1 } as Message)]],
  ])("of %s are refused", (_, bytes) => expect(() => new Decoder().push(new Uint8Array(bytes))).toThrow());
});
