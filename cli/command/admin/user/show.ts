import type { User } from "../../../../core/client/operations.ts";
import { defineCommand } from "../../../command.ts";
import { userId } from "../../../lookup.ts";

export default defineCommand({
  args: ["USER"],
  options: {},
  help: "USER is an id or a name.",
  async run(context, [name = ""]) {
    const client = context.admin();
    const user = await client.call("user_get", { path: { user: await userId(client, name) } });
    if (context.json) return await context.out.json(user);
    const privileges = user.privileges.length === 0 ? ["    none"] : user.privileges.map((one) => `    * ${one}`);
    await context.out.lines([
      `id:         ${user.id}`,
      `name:       ${user.name}`,
      `creation:   ${user.time_create}`,
      ...(user.disabled ? ["disabled:   yes"] : []),
      ...(user.usage ? [`usage:      ${inWords(user.usage)}`] : []),
      "privileges:",
      ...privileges,
    ]);
  },
});

const inWords = ({ active_jobs, running_jobs, bytes }: NonNullable<User["usage"]>) =>
  `${active_jobs} active jobs, ${running_jobs} of them running; ${bytes} bytes of files`;
