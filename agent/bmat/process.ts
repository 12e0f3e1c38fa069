import type { Bytes } from "../control/protocol.ts";
import type { Group } from "./command.ts";

export const processes: Group = {
  about: "processes beside the task",
  commands: {
    start: {
      about: "run a command in the background until the task ends; its output goes to the log",
      synopsis: "NAME COMMAND [ARGS...]",
      words: [2, Number.POSITIVE_INFINITY],
      run: async ({ agent, args: [name = "", cmd = "", ...args], env, cwd }) => {
        const set = Object.entries(env).flatMap(([key, value]): [Bytes, Bytes][] =>
          value === undefined ? [] : [[bytesOf(key), bytesOf(value)]],
        );
        const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
        await agent.ask({ ProcessStart: { name, cmd, args, env: set, pwd: cwd(), uid, gid } });
      },
    },
  },
};

const bytesOf = (text: string): Bytes => ({ Unix: [...Buffer.from(text)] });
