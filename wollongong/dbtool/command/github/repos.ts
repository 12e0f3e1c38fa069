import { defineCommand, wholeNumber } from "../../command.ts";

export default defineCommand({
  options: {
    install: { short: "i", value: "INSTALL", required: true, about: "ask as this installation" },
    brief: { short: "b", about: "numbers and names alone" },
  },
  async run(context, _, { install, brief }) {
    const github = context.github().as(wholeNumber(install, "the number of an installation"));
    const all: { id: number; full_name: string }[] = [];
    for (let page = 1; ; page++) {
      const { data } = await github.request("GET /installation/repositories", { per_page: 100, page });
      all.push(...data.repositories.map((one) => ({ ...one, id: Number(one.id) })));
      if (data.repositories.length < 100) break;
    }
    if (context.json || !brief) await context.out.json(all);
    else await context.out.lines(all.map(({ id, full_name }) => `${String(id).padStart(16)} ${full_name}`));
  },
});
