import { defineCommand, wholeNumber } from "../../command.ts";
import { asked, INSTALL } from "../../installation.ts";

export default defineCommand({
  args: ["OWNER", "REPO", "CHECKSUITE"],
  options: INSTALL,
  async run(context, [owner = "", repo = "", number], { install }) {
    const check_suite_id = wholeNumber(number, "the number of a check suite");
    const where = { owner, repo, check_suite_id };
    await context.out.json(
      (await asked(context, install).request("GET /repos/{owner}/{repo}/check-suites/{check_suite_id}", where)).data,
    );
  },
});
