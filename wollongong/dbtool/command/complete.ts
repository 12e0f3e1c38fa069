import { defineCommand } from "../command.ts";

export default defineCommand({
  args: ["[WORD]..."],
  options: {},
  run: async (context, words) => context.out.lines(await context.complete(words)),
});
