import { UsageError } from "../../../../core/common/command/failure.ts";
import { suiteByGitHub } from "../../../check/suite.ts";
import { record, repositoriesNamed } from "../../checks.ts";
import { defineCommand, wholeNumber } from "../../command.ts";

export default defineCommand({
  args: ["OWNER", "REPO", "CHECKSUITE"],
  options: {},
  help: "CHECKSUITE is GitHub's number.",
  async run(context, [owner = "", name = "", number]) {
    const db = context.db();
    const id = wholeNumber(number, "the number of a check suite");
    const found = repositoriesNamed(db, owner, name).map((repo) => suiteByGitHub({ db }, repo, id));
    const suite = found.find((one) => one !== null);
    if (!suite) throw new UsageError(`${owner}/${name} has no check suite ${id}`);
    await context.out.json(record(suite));
  },
});
