import type { Group } from "../../core/common/command/command.ts";
import type { Context } from "./context.ts";

/** All commands. What a command does is read only when it is called. */
export const tree: Group<Context> = {
  about: "looks into Wollongong's database, and puts right what went wrong",
  commands: {
    delivery: {
      alias: "del",
      about: "webhook deliveries",
      commands: {
        list: { alias: "ls", about: "list deliveries", load: () => import("./command/delivery/list.ts") },
        errors: { about: "list those that failed, with the reason", load: () => import("./command/delivery/errors.ts") },
        dump: { about: "show what GitHub sent", load: () => import("./command/delivery/dump.ts") },
        unack: { about: "have deliveries handled again", load: () => import("./command/delivery/unack.ts") },
        ack: { about: "have deliveries left alone", load: () => import("./command/delivery/ack.ts") },
        replay: { about: "have one handled again, and wait for the end", load: () => import("./command/delivery/replay.ts") },
        archive: { about: "move old deliveries to files, a day each", load: () => import("./command/delivery/archive.ts") },
      },
    },
    repository: {
      alias: "repo",
      about: "GitHub repositories",
      commands: { list: { alias: "ls", about: "list repositories", load: () => import("./command/repository/list.ts") } },
    },
    check: {
      about: "GitHub checks",
      commands: {
        suite: {
          about: "check suites, one for each commit",
          commands: {
            list: { alias: "ls", about: "list check suites", load: () => import("./command/suite/list.ts") },
            find: { about: "find a suite by its number on GitHub", load: () => import("./command/suite/find.ts") },
            dump: { about: "show everything that is known of a suite", load: () => import("./command/suite/dump.ts") },
            runs: { about: "list the runs of a suite", load: () => import("./command/suite/runs.ts") },
            duplicates: { about: "list commits with more than one suite", load: () => import("./command/suite/duplicates.ts") },
          },
        },
        run: {
          about: "check runs, one for each job of a suite and try",
          commands: {
            find: { about: "find a run by its number on GitHub", load: () => import("./command/run/find.ts") },
            dump: { about: "show everything that is known of a run", load: () => import("./command/run/dump.ts") },
          },
        },
      },
    },
    why: { about: "tell the story of a check, from webhook to conclusion", load: () => import("./command/why.ts") },
    secret: {
      about: "values that jobs of a repository are given",
      commands: {
        list: { alias: "ls", about: "list their names", load: () => import("./command/secret/list.ts") },
        set: { about: "set one; its value is read from standard input", load: () => import("./command/secret/set.ts") },
        del: { about: "delete one", load: () => import("./command/secret/del.ts") },
      },
    },
    github: {
      about: "ask GitHub as the App",
      commands: {
        info: { about: "who the App is", load: () => import("./command/github/info.ts") },
        installs: { about: "where it is installed", load: () => import("./command/github/installs.ts") },
        repos: { about: "what an installation can see", load: () => import("./command/github/repos.ts") },
        member: { about: "whether somebody is a member of an organisation", load: () => import("./command/github/member.ts") },
        user: { about: "what GitHub knows of a user", load: () => import("./command/github/user.ts") },
        webhooks: { about: "what GitHub has sent, and what it was answered", load: () => import("./command/github/webhooks.ts") },
        again: { about: "have GitHub send a webhook again", load: () => import("./command/github/again.ts") },
        redeliver: { about: "have GitHub send again what is missing here", load: () => import("./command/github/redeliver.ts") },
        suite: { about: "a check suite as GitHub has it", load: () => import("./command/github/suite.ts") },
        commit: { about: "our check suites of a commit", load: () => import("./command/github/commit.ts") },
      },
    },
    completion: { about: "print a script that completes commands in a shell", load: () => import("./command/completion.ts") },
    complete: { hidden: true, about: "tell a shell what could come next", load: () => import("./command/complete.ts") },
  },
};
