import type { WorkerPingFactoryInfo } from "../../core/client/operations.ts";
import type { Command, Group, Run } from "./command.ts";

const show = (about: string, value: (info: WorkerPingFactoryInfo) => string | null | undefined): Command => ({
  about,
  words: [0, 0],
  run: async ({ agent, print }: Run) => {
    const reply = await agent.ask("FactoryInfo");
    const text = typeof reply === "object" && "FactoryInfo" in reply ? value(reply.FactoryInfo) : undefined;
    if (text === null || text === undefined) throw new Error(`the factory does not tell: ${about}`);
    print(`${text}\n`);
  },
});

export const factory: Group = {
  about: "the factory that made this machine",
  commands: {
    name: show("print its name", (info) => info.name),
    id: show("print its id", (info) => info.id),
    private: show("print what it calls this machine", (info) => info.private),
  },
};

export const engineering: Group = {
  about: "for those who work on the agent",
  commands: {
    metadata: {
      about: "show what the factory said about addresses",
      words: [0, 0],
      run: async ({ agent, print }) => print(`${JSON.stringify(await agent.ask("MetadataAddresses"), null, 2)}\n`),
    },
  },
};
