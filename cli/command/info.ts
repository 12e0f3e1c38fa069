import { defineCommand } from "../command.ts";

export default defineCommand({
  options: {},
  async run(context) {
    const { id, name } = await context.user().call("whoami", {});
    const { url, name: profile } = context.profile();
    if (context.json) return await context.out.json({ id, name, url, profile: profile ?? null });
    await context.out.lines([
      `id:      ${id}`,
      `name:    ${name}`,
      `core:    ${url}`,
      `profile: ${profile ?? "from environment"}`,
    ]);
  },
});
