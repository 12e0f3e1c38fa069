import { describe, expect, test } from "bun:test";
import { taskEnvironment, userOf } from "./environment.ts";

const PASSWD = "root:x:0:0:root:/root:/bin/bash\nbuild:x:12345:12345::/home/build:/bin/bash\nbroken\n";
const machine = { user: (uid: number) => userOf(PASSWD, uid), locale: "C.UTF-8" };

describe("the environment of a task", () => {
  test.each([
    [0, "root", "/root"],
    [12345, "build", "/home/build"],
    [777, "777", "/"],
  ])("of user %i names %s", (uid, name, home) => {
    expect(taskEnvironment(machine, "J", { id: 2, uid, env_clear: false, env: {} })).toEqual({
      HOME: home,
      USER: name,
      LOGNAME: name,
      TZ: "UTC",
      PATH: "/usr/bin:/bin:/usr/sbin:/sbin:/opt/ooce/bin:/opt/ooce/sbin",
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      BUILDOMAT_JOB_ID: "J",
      BUILDOMAT_TASK_ID: "2",
    });
  });

  test("is overruled by what the task asks for", () => {
    expect(taskEnvironment(machine, "J", { id: 2, uid: 0, env_clear: false, env: { TZ: "Mars" } })["TZ"]).toBe("Mars");
  });

  test("is the task's alone where it wants that", () => {
    expect(taskEnvironment(machine, "J", { id: 2, uid: 0, env_clear: true, env: { A: "b" } })).toEqual({ A: "b" });
  });
});
