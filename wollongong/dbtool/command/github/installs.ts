import { defineCommand } from "../../command.ts";

export default defineCommand({
  options: {},
  async run(context) {
    const { app } = context.github();
    const all: unknown[] = [];
    for (let page = 1; ; page++) {
      const { data } = await app.request("GET /app/installations", { per_page: 100, page });
      all.push(...data);
      if (data.length < 100) return await context.out.json(all);
    }
  },
});
