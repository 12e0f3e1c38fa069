import { describe, expect, test } from "bun:test";
import { bunyanPage, rowHtml } from "./bunyan.tsx";

const entry = { v: 0, level: 30, name: "app", hostname: "h", pid: 1, time: "2026-01-02T03:04:05.678Z", msg: "hello" };
const line = (changes: object = {}) => JSON.stringify({ ...entry, ...changes });

describe("a line of a structured log", () => {
  test("is an entry with its level, its time and its further fields in order", () => {
    const html = rowHtml(line({ zeta: { a: 1 }, alpha: "<b>", component: "db" }), 3);
    expect(html).toContain('<tr id="L3" class="bunyan-info level-30">');
    expect(html).toContain("2026-01-02T03:04:05.678Z");
    expect(html).toContain("<b>INFO</b>");
    expect(html).toContain("<b>app</b> (db): hello\n    <b>alpha</b> = &lt;b&gt;\n    <b>zeta</b> = {&quot;a&quot;:1}");
  });

  test.each([10, 20, 30, 40, 50, 60])("of level %d has a class of its own", (level) => {
    expect(rowHtml(line({ level }), 1)).toMatch(/class="bunyan-(trace|debug|info|warn|error|fatal) level-\d0"/);
  });

  test("of several lines is indented", () => {
    expect(rowHtml(line({ msg: "a\nb" }), 1)).toContain("a\n    b");
  });

  test.each([
    ["an entry", line({ msg: "\x1b[31mred\x1b[0m" }), '<b>app</b>: <span class="fg-red">red</span><'],
    ["another line", "\x1b[1mmake\x1b[0m <all>\x1b[K", '<span class="bold">make</span> &lt;all&gt;<'],
  ])("has its colours: %s", (_, text, html) => {
    expect(rowHtml(text, 1)).toContain(html);
  });

  test("does not name its component twice", () => {
    expect(rowHtml(line({ component: "app" }), 1)).toContain("<b>app</b>: hello");
  });

  test("with a key twice means the first", () => {
    expect(rowHtml(line().replace('"msg":"hello"', '"msg":"first","msg":"second"'), 1)).toContain(": first");
    expect(rowHtml(line().replace('"msg":"hello"', '"a":{"x":1},"msg":"m","a":{"x":2}'), 1)).toContain("{&quot;x&quot;:1}");
  });

  test.each([
    ["pino", { level: 50, time: 1_767_323_045_678, pid: 1, hostname: "h", msg: "broken" }, "<b>hostname</b> = h"],
    ["zap", { level: "error", ts: 1_767_323_045.678, caller: "a.go:1", msg: "broken" }, "<b>caller</b> = a.go:1"],
    ["slog", { time: "2026-01-02T04:04:05.678+01:00", level: "ERROR", msg: "broken", n: 1 }, "<b>n</b> = 1"],
    [
      "structlog",
      { event: "broken", level: "error", logger: "app", timestamp: "2026-01-02T03:04:05.678Z" },
      "<b>app</b>: broken",
    ],
    ["Google Cloud", { severity: "ERROR", message: "broken", timestamp: "2026-01-02T03:04:05.678Z" }, "broken"],
  ])("may be of %s", (_, record, text) => {
    const html = rowHtml(JSON.stringify(record), 1);
    expect(html).toContain('class="bunyan-error level-50"');
    expect(html).toContain("2026-01-02T03:04:05.678Z");
    expect(html).toContain(text);
    expect(html).toContain("broken");
  });

  test("needs no time, and keeps one that cannot be read", () => {
    expect(rowHtml('{"level":"warning","msg":"m"}', 1)).toContain('class="bunyan-warn level-40"');
    expect(rowHtml('{"level":"info","msg":"m","time":"noon"}', 1)).toContain("<b>time</b> = noon");
  });

  test.each([
    ["no JSON", "Starting <up>", "Starting &lt;up&gt;"],
    ["another version", line({ v: 1 }), "bunyan-other"],
    ["another level", line({ level: 35 }), "bunyan-other"],
    ["no message", line({ msg: 7 }), "bunyan-other"],
    ["no time", line({ time: "now" }), "bunyan-other"],
    ["an array", "[1]", "bunyan-other"],
    ["an object without a level", '{"msg":"m"}', "bunyan-other"],
    ["an object of a level nobody knows", '{"level":"loud","msg":"m"}', "bunyan-other"],
    ["an object without a message", '{"level":"info","code":1}', "bunyan-other"],
    ["text with space around it", " \tx\r", '<td class="payload">x</td>'],
  ])("that is %s is shown as it is", (_, text, html) => {
    expect(rowHtml(text, 1)).toContain(html);
  });
});

test("a page holds every line once, also the last one without an end, whatever pieces it comes in", async () => {
  const bytes = new TextEncoder().encode(`${line({ msg: "größer" })}\nother\nlast`);
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const html = await bunyanPage("app.log", pieces, 40).text();
  expect(html.match(/<tr id="L\d+"/g)).toEqual(['<tr id="L1"', '<tr id="L2"', '<tr id="L3"']);
  expect(html).toContain("größer");
  expect(html).toContain('class="bunyan from-40"');
});
