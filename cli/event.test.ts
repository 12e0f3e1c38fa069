import { expect, test } from "bun:test";
import { forTerminal } from "../core/common/command/terminal-text.ts";
import { eventText } from "./event.ts";

test.each([
  ["stdout", "text"],
  ["stderr", "text"],
  ["control", "|=| text"],
  ["worker", "|W| text"],
  ["task", "|T| text"],
  ["console", "|C| text"],
  ["panic", "|!| text"],
  ["bg.web.stderr", "[web] text"],
  ["bg.web", "[bg.web] text"],
  ["toString", "[toString] text"],
])("a line of %s is shown as %s", (stream, shown) => {
  expect(eventText({ stream, payload: "text" })).toBe(shown);
});

test("a terminal gets colours, and nothing that could do it harm", () => {
  expect(forTerminal("\u001b[1;31mred\u001b[0m\tand\rprogress")).toBe("\u001b[1;31mred\u001b[0m\tand\rprogress");
  expect(forTerminal("\u001b]0;title\u0007\u001b[2J\u009b6n")).toBe("\ufffd]0;title\ufffd\ufffd[2J\ufffd6n");
});
