import { defineCommand } from "../../command.ts";

export default defineCommand({
  options: {},
  run: async (context) => context.out.json((await context.github().app.request("GET /app")).data),
});
