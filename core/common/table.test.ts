import { describe, expect, test } from "bun:test";
import { age } from "./age.ts";
import { bytes, type Column, Table, type TableOptions, UnknownColumn } from "./table.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");

interface Row {
  name: string;
  size: number;
  at: string | null;
  note?: string;
}

const COLUMNS: Column<Row>[] = [
  { name: "name", width: 6, value: (row) => row.name },
  { name: "size", width: 7, kind: "bytes", value: (row) => row.size },
  { name: "age", width: 6, kind: "age", value: (row) => row.at },
  { name: "note", width: 10, hidden: true, value: (row) => row.note },
  { name: "at", width: 20, kind: "time", hidden: true, value: (row) => row.at },
];

const ROWS: Row[] = [
  { name: "b", size: 3 * 2 ** 20, at: "2026-06-01T11:59:13.500Z", note: "two\nlines" },
  { name: "longer than its column", size: 10, at: "2026-05-31T11:30:00Z" },
  { name: "\u4f60\u597d", size: 2000, at: null },
];

const lines = (options: Partial<TableOptions> = {}) => new Table(COLUMNS, { now: NOW, ...options }).lines(ROWS);

describe("a table", () => {
  test("has a header and cells in columns, nothing cut off", () => {
    expect(`\n${lines().join("\n")}\n`).toBe(`
NAME   SIZE    AGE
b      3.00M      46s
longer than its column 10       1d00h
\u4f60\u597d   1.95K   -
`);
  });

  test("shows the columns asked for, in any case", () => {
    expect(lines({ show: ["NOTE", "name"] })[1]).toBe("two lines  b");
  });

  test("is parted by tabs when plain, and exact on request", () => {
    expect(lines({ plain: true, exact: true })).toEqual([
      "b\t3145728\t46",
      "longer than its column\t10\t88200",
      "\u4f60\u597d\t2000\t-",
    ]);
  });

  test.each([
    [["size"], false, ["longer than its column", "\u4f60\u597d", "b"]],
    [["size"], true, ["b", "\u4f60\u597d", "longer than its column"]],
    [["age"], false, ["\u4f60\u597d", "b", "longer than its column"]],
    [["name"], false, ["b", "longer than its column", "\u4f60\u597d"]],
  ])("sorts by %p (descending: %p)", (by, descending, names) => {
    expect(lines({ sort: { by, descending }, show: ["name"], plain: true })).toEqual(names);
  });

  test("says which columns there are", () => {
    expect(() => lines({ show: ["colour"] })).toThrow(UnknownColumn);
    expect(() => lines({ sort: { by: ["colour"], descending: false } })).toThrow("there are name, size, age, note, at");
  });

  test("writes instants to the second", () => {
    expect(lines({ show: ["at"], plain: true })).toEqual(["2026-06-01T11:59:13Z", "2026-05-31T11:30:00Z", "-"]);
  });
});

test.each([
  [1024, "1024"],
  [1025, "1.00K"],
  [2 ** 20 + 1, "1.00M"],
  [5 * 2 ** 30, "5.00G"],
])("%d bytes are %s", (count, text) => expect(bytes(count)).toBe(text));

test.each([
  [0, "    0s"],
  [59, "   59s"],
  [60, " 1m00s"],
  [13 * 3600 + 23 * 60, "13h23m"],
  [86_400, " 1d00h"],
  [99 * 86_400, " 3M09d"],
  [365 * 86_400 + 61 * 86_400, " 1y02M"],
])("%d seconds ago is %s", (seconds, text) => {
  expect(age(new Date(NOW - seconds * 1000).toISOString(), NOW)).toBe(text);
});
