import { expect, test } from "bun:test";
import { generate } from "./main.ts";

test.each(Object.entries(generate()))(
  "%s is what the routes say: run scripts/generate/run where it is not",
  async (file, text) => {
    expect(await Bun.file(file).text()).toBe(text);
  },
);
