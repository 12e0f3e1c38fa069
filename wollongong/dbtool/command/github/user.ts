import { defineCommand } from "../../command.ts";
import { asked, INSTALL } from "../../installation.ts";

export default defineCommand({
  args: ["USER"],
  options: INSTALL,
  async run(context, [username = ""], { install }) {
    await context.out.json((await asked(context, install).request("GET /users/{username}", { username })).data);
  },
});
