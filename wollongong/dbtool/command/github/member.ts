import { EXIT } from "../../../../core/common/command/failure.ts";
import { GitHubRepository } from "../../../github/repository.ts";
import { defineCommand } from "../../command.ts";
import { asked, INSTALL } from "../../installation.ts";

export default defineCommand({
  args: ["ORG", "USER"],
  options: INSTALL,
  help: "Ends with status 1 if not.",
  async run(context, [org = "", user = ""], { install }) {
    const member = await new GitHubRepository(asked(context, install), org, "").isMember(org, user);
    if (context.json) await context.out.json({ org, user, member });
    else await context.out.line(`${user} is ${member ? "" : "not "}a member of ${org}`);
    return member ? EXIT.ok : EXIT.jobFailed;
  },
});
