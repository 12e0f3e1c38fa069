import type { Group } from "./command.ts";

/** All commands. What a command does is read only when it is called. */
export const tree: Group = {
  about: "runs builds on machines that exist for one job only",
  commands: {
    info: { about: "show who you are to the core", load: () => import("./command/info.ts") },
    check: { about: "look whether the configuration can be used", load: () => import("./command/check.ts") },
    job: {
      about: "run jobs and look at them",
      commands: {
        run: { about: "submit a job and follow it", load: () => import("./command/job/run.ts") },
        list: { alias: "ls", about: "list your jobs", load: () => import("./command/job/list.ts") },
        tail: { about: "follow the log of a job", load: () => import("./command/job/tail.ts") },
        join: { about: "wait until jobs are over", load: () => import("./command/job/join.ts") },
        cancel: { about: "stop a job", load: () => import("./command/job/cancel.ts") },
        outputs: { about: "list the files that a job produced", load: () => import("./command/job/outputs.ts") },
        copy: { alias: "cp", about: "fetch files that a job produced", load: () => import("./command/job/copy.ts") },
        dump: { about: "show everything that is known of a job", load: () => import("./command/job/dump.ts") },
        timings: { about: "show when a job did what", load: () => import("./command/job/timings.ts") },
        verify: { about: "check log and files against their hashes", load: () => import("./command/job/verify.ts") },
        store: {
          about: "values that a job can ask for",
          commands: {
            list: { alias: "ls", about: "list the values of a job", load: () => import("./command/job/store/list.ts") },
            get: { about: "print a value", load: () => import("./command/job/store/get.ts") },
            put: { about: "set a value", load: () => import("./command/job/store/put.ts") },
          },
        },
      },
    },
    admin: {
      alias: "a",
      about: "for those who run the service",
      commands: {
        user: {
          about: "users and their tokens",
          commands: {
            list: { alias: "ls", about: "list users", load: () => import("./command/admin/user/list.ts") },
            create: { about: "make a user and print the token", load: () => import("./command/admin/user/create.ts") },
            grant: { about: "give a user a privilege", load: () => import("./command/admin/user/grant.ts") },
            revoke: { about: "take a privilege from a user", load: () => import("./command/admin/user/revoke.ts") },
          },
        },
        factory: {
          about: "factories, which make the machines",
          commands: {
            list: { alias: "ls", about: "list factories", load: () => import("./command/admin/factory/list.ts") },
            create: { about: "make a factory and print its token", load: () => import("./command/admin/factory/create.ts") },
          },
        },
        target: {
          about: "the kinds of machines that jobs can ask for",
          commands: {
            list: { alias: "ls", about: "list targets", load: () => import("./command/admin/target/list.ts") },
            create: { about: "make a target", load: () => import("./command/admin/target/create.ts") },
          },
        },
        worker: {
          about: "workers, the machines",
          commands: {
            list: { alias: "ls", about: "list workers", load: () => import("./command/admin/worker/list.ts") },
          },
        },
        job: {
          about: "the jobs of all users",
          commands: {
            list: { alias: "ls", about: "list jobs", load: () => import("./command/admin/job/list.ts") },
          },
        },
      },
    },
    completion: { about: "print a script that completes commands in a shell", load: () => import("./command/completion.ts") },
    complete: { hidden: true, about: "tell a shell what could come next", load: () => import("./command/complete.ts") },
  },
};
