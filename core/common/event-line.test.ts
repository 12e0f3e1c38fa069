import { expect, test } from "bun:test";
import { eventLine } from "./event-line.ts";

test("keys come in the order of the contract, whatever order they were given in", () => {
  const event = {
    time_remote: "2026-01-02T03:04:05.678Z",
    time: "2026-01-02T03:04:06Z",
    task: 0,
    stream: "stdout",
    seq: 7,
    payload: 'a "b"\t\u001b[0m \ud83d\ude00',
  };
  expect(eventLine(event)).toBe(
    '{"payload":"a \\"b\\"\\t\\u001b[0m \u{1f600}","seq":7,"stream":"stdout","task":0,"time":"2026-01-02T03:04:06Z","time_remote":"2026-01-02T03:04:05.678Z"}',
  );
});

test("what is missing or null is left out", () => {
  const event = { seq: 1, stream: "control", time: "2026-01-02T03:04:05Z", payload: "" };
  const line = '{"payload":"","seq":1,"stream":"control","time":"2026-01-02T03:04:05Z"}';
  expect(eventLine(event)).toBe(line);
  expect(eventLine({ ...event, task: null, time_remote: null })).toBe(line);
});
