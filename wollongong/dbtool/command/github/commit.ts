import { defineCommand } from "../../command.ts";
import { asked, INSTALL } from "../../installation.ts";

export default defineCommand({
  args: ["OWNER", "REPO", "COMMIT"],
  options: INSTALL,
  async run(context, [owner = "", repo = "", ref = ""], { install }) {
    const where = { owner, repo, ref, app_id: context.config().id };
    const { data } = await asked(context, install).request("GET /repos/{owner}/{repo}/commits/{ref}/check-suites", where);
    await context.out.json(data.check_suites);
  },
});
