import { describe, expect, test } from "bun:test";
import { manualWorld } from "../../../test/fixture/manual-world.ts";
import type { Column } from "../table.ts";
import { type ListOptions, printPages } from "./list.ts";
import type { Output } from "./output.ts";

interface Row {
  id: number;
}

const COLUMNS: Column<Row>[] = [{ name: "id", width: 4, value: ({ id }) => id }];
const PAGES: Row[][] = [[{ id: 2 }, { id: 3 }], [], [{ id: 1 }]];

/** What was printed each time that another page was asked for, and in the end. */
async function print(options: Partial<ListOptions & { unsorted: boolean; json: boolean }>, pages: Row[][] = PAGES) {
  const text: string[] = [];
  const seen: string[] = [];
  async function* asked() {
    for (const page of pages) {
      seen.push(text.join(""));
      yield page;
    }
  }
  const out = {
    lines: async (lines: readonly string[]) => void text.push(...lines.map((line) => `${line}\n`)),
    json: async (value: unknown) => void text.push(`${JSON.stringify(value, null, 2)}\n`),
  } as Output;
  const all: ListOptions & { unsorted: boolean } = {
    output: undefined,
    sort: undefined,
    "sort-descending": undefined,
    "no-header": false,
    parseable: false,
    unsorted: false,
    ...options,
  };
  await printPages({ world: manualWorld(), out, json: options.json ?? false }, COLUMNS, asked(), all);
  return { seen, text: text.join("") };
}

describe("a list of many pages", () => {
  test("is printed as they come", async () => {
    expect(await print({})).toEqual({ seen: ["", "ID\n2\n3\n", "ID\n2\n3\n"], text: "ID\n2\n3\n1\n" });
  });

  test("is read whole only where it is to be sorted", async () => {
    expect(await print({ sort: "id" })).toEqual({ seen: ["", "", ""], text: "ID\n1\n2\n3\n" });
    expect((await print({ sort: "id", unsorted: true })).text).toBe("ID\n2\n3\n1\n");
  });

  test("is one array in JSON, as if it had been read whole", async () => {
    const { seen, text } = await print({ json: true });
    expect(text).toBe(`${JSON.stringify(PAGES.flat(), null, 2)}\n`);
    expect(seen[2]).toContain('"id": 2');
    expect((await print({ json: true }, [[], []])).text).toBe("[]\n");
  });

  test("is a row a line in JSON with `unsorted`", async () => {
    expect((await print({ json: true, unsorted: true })).text).toBe('{"id":2}\n{"id":3}\n{"id":1}\n');
  });

  test("shows no header where it is refused", async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first page
    async function* refused(): AsyncGenerator<Row[]> {
      throw new Error("not yours");
    }
    const lines: string[] = [];
    const out = { lines: async (more: readonly string[]) => void lines.push(...more) } as Output;
    const options = { output: undefined, sort: undefined, "sort-descending": undefined, "no-header": false, parseable: false };
    const printing = printPages({ world: manualWorld(), out, json: false }, COLUMNS, refused(), { ...options, unsorted: false });
    await expect(printing).rejects.toThrow("not yours");
    expect(lines).toEqual([]);
  });
});
