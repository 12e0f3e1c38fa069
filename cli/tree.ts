import type { Group } from "../core/common/command/command.ts";
import type { Context } from "./context.ts";

const CONTROL: Group<Context>["commands"] = {
  hold: { about: "give factories no more jobs", load: () => import("./command/admin/control/hold.ts") },
  resume: { about: "give factories jobs again", load: () => import("./command/admin/control/resume.ts") },
  recycle: { about: "destroy every machine", load: () => import("./command/admin/control/recycle.ts") },
};

const WORKER: Group<Context>["commands"] = {
  list: { alias: "ls", about: "list workers", load: () => import("./command/admin/worker/list.ts") },
  show: { about: "show everything that is known of a worker", load: () => import("./command/admin/worker/show.ts") },
  tail: { about: "follow what a machine says outside of its job", load: () => import("./command/admin/worker/tail.ts") },
  hold: { about: "keep a machine for a look at it", load: () => import("./command/admin/worker/hold.ts") },
  release: { about: "end a hold", load: () => import("./command/admin/worker/release.ts") },
  recycle: { about: "destroy a machine", load: () => import("./command/admin/worker/recycle.ts") },
};

/** All commands. What a command does is read only when it is called. */
export const tree: Group<Context> = {
  about: "runs builds on machines that exist for one job only",
  commands: {
    login: { about: "say where the core is and who you are", load: () => import("./command/login.ts") },
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
        why: { about: "say what a job waits for, or why it ended", load: () => import("./command/job/why.ts") },
        sign: {
          about: "make an address to read a file at for an hour",
          load: () => import("./command/job/sign.ts"),
        },
        publish: { about: "give a file a public address for ever", load: () => import("./command/job/publish.ts") },
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
        dashboard: {
          alias: "dash",
          about: "machines, queue and the last results",
          load: () => import("./command/admin/dashboard.ts"),
        },
        control: { about: "hold, resume or recycle everything", commands: CONTROL },
        user: {
          about: "users and their tokens",
          commands: {
            list: { alias: "ls", about: "list users", load: () => import("./command/admin/user/list.ts") },
            create: { about: "make a user and print the token", load: () => import("./command/admin/user/create.ts") },
            show: { about: "show a user with all privileges", load: () => import("./command/admin/user/show.ts") },
            grant: { about: "give a user a privilege", load: () => import("./command/admin/user/grant.ts") },
            revoke: { about: "take a privilege from a user", load: () => import("./command/admin/user/revoke.ts") },
            rotate: { about: "give a user a new token and print it", load: () => import("./command/admin/user/rotate.ts") },
            "revoke-token": { about: "end a user's token", load: () => import("./command/admin/user/revoke-token.ts") },
            disable: { about: "let a user do nothing any more", load: () => import("./command/admin/user/disable.ts") },
            enable: { about: "let a user act again", load: () => import("./command/admin/user/enable.ts") },
          },
        },
        factory: {
          about: "factories, which make the machines",
          commands: {
            list: { alias: "ls", about: "list factories", load: () => import("./command/admin/factory/list.ts") },
            create: { about: "make a factory and print its token", load: () => import("./command/admin/factory/create.ts") },
            enable: { about: "let a factory take jobs", load: () => import("./command/admin/factory/enable.ts") },
            disable: { about: "let a factory take no more jobs", load: () => import("./command/admin/factory/disable.ts") },
            drain: {
              about: "take no more jobs, and wait for the last machine to go",
              load: () => import("./command/admin/factory/drain.ts"),
            },
            rotate: { about: "give a factory a new token and print it", load: () => import("./command/admin/factory/rotate.ts") },
          },
        },
        target: {
          about: "the kinds of machines that jobs can ask for",
          commands: {
            list: { alias: "ls", about: "list targets", load: () => import("./command/admin/target/list.ts") },
            create: { about: "make a target", load: () => import("./command/admin/target/create.ts") },
            rename: {
              about: "give a target another name; the old one leads to it",
              load: () => import("./command/admin/target/rename.ts"),
            },
            redirect: { about: "let a target lead to another one", load: () => import("./command/admin/target/redirect.ts") },
            unredirect: {
              about: "let a target stand for itself again",
              load: () => import("./command/admin/target/unredirect.ts"),
            },
            restrict: { about: "only for users with a privilege", load: () => import("./command/admin/target/restrict.ts") },
            unrestrict: { about: "for every user again", load: () => import("./command/admin/target/unrestrict.ts") },
          },
        },
        worker: { about: "workers, the machines", commands: WORKER },
        job: {
          about: "the jobs of all users",
          commands: {
            list: { alias: "ls", about: "list jobs", load: () => import("./command/admin/job/list.ts") },
            dump: { about: "show everything that is known of a job", load: () => import("./command/admin/job/dump.ts") },
            archive: { about: "copy a job to the object store now", load: () => import("./command/admin/job/archive.ts") },
            purge: { about: "free the local copies of an archived job now", load: () => import("./command/admin/job/purge.ts") },
          },
        },
      },
    },
    control: { hidden: true, about: "hold, resume or recycle everything", commands: CONTROL },
    worker: { hidden: true, about: "workers, the machines", commands: WORKER },
    completion: { about: "print a script that completes commands in a shell", load: () => import("./command/completion.ts") },
    complete: { hidden: true, about: "tell a shell what could come next", load: () => import("./command/complete.ts") },
  },
};
